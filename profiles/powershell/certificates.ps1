# Certificates of a store of this machine (LocalMachine\My), for the probes.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
$store = "$($args[0])"
if ($store -notmatch '^(LocalMachine|CurrentUser)\\[A-Za-z ]+$') { throw "no such store: $store" }
@{
  certificates = @(Get-ChildItem -Path "Cert:\$store" |
    Select-Object Subject, Issuer, Thumbprint, NotBefore, NotAfter)
} | ConvertTo-Json -Depth 3 -Compress
