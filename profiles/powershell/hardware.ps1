# Memory modules, network adapters, batteries and hardware errors of this node. Of hardware errors those behind the record
# -After or later than -Since, which the agent has not counted yet; without them those since the machine started.
param([long]$After = 0, [string]$Since = "")
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
# WHEA-Logger: 17, 19, 42, 47 corrected; the others not. A log that was cleared may number anew: then the time tells.
$provider = "Provider[@Name='Microsoft-Windows-WHEA-Logger']"
if ($Since -eq "") {
  $booted = (Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().ToString("o")
  $fresh = "TimeCreated[@SystemTime >= '$booted']"
} else {
  $fresh = "(EventRecordID > $After or TimeCreated[@SystemTime > '$Since'])"
}
# A provider that is not there throws, and so does having found nothing. Newest first.
$events = @(try { Get-WinEvent -LogName System -FilterXPath "*[System[$provider and $fresh]]" } catch { })
@{
  memory = @(Get-CimInstance Win32_PhysicalMemory | Select-Object DeviceLocator, BankLabel, Tag, Capacity)
  adapters = @(Get-NetAdapter -Physical -ErrorAction SilentlyContinue |
    Select-Object Name, InterfaceDescription, MacAddress, Status, AdminStatus, Speed)
  batteries = @(Get-CimInstance Win32_Battery | Select-Object DeviceID, Name, EstimatedChargeRemaining,
    EstimatedRunTime, BatteryStatus, Status)
  whea = @($events | Group-Object Id | ForEach-Object { @{ id = $_.Group[0].Id; count = $_.Count } })
  wheaRecord = if ($events.Count -gt 0) { $events[0].RecordId } else { $null }
  wheaTime = if ($events.Count -gt 0) { $events[0].TimeCreated.ToUniversalTime().ToString("o") } else { $null }
} | ConvertTo-Json -Depth 4 -Compress
