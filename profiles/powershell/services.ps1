# State of services and number of processes, for the probes. Names come as one argument, separated by commas.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
$names = "$($args[0])".Split(",") | Where-Object { $_ -and $_ -ne "." }
$programs = "$($args[1])".Split(",") | Where-Object { $_ -and $_ -ne "." }
@{
  services = @($names | ForEach-Object {
    $service = Get-Service -Name $_ -ErrorAction SilentlyContinue
    @{ name = $_; state = $(if ($service) { "$($service.Status)" } else { "NotFound" }) }
  })
  processes = @($programs | ForEach-Object {
    @{ name = $_; count = @(Get-Process -Name $_ -ErrorAction SilentlyContinue).Count }
  })
} | ConvertTo-Json -Depth 4 -Compress
