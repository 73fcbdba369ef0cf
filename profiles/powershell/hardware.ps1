# Memory modules, network adapters, batteries and hardware errors of this node.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
$booted = (Get-CimInstance Win32_OperatingSystem).LastBootUpTime
@{
  memory = @(Get-CimInstance Win32_PhysicalMemory | Select-Object DeviceLocator, BankLabel, Tag, Capacity)
  adapters = @(Get-NetAdapter -Physical -ErrorAction SilentlyContinue |
    Select-Object Name, InterfaceDescription, MacAddress, Status, AdminStatus, Speed)
  batteries = @(Get-CimInstance Win32_Battery | Select-Object DeviceID, Name, EstimatedChargeRemaining,
    EstimatedRunTime, BatteryStatus, Status)
  # WHEA-Logger: 17, 19, 47 corrected; 1, 18, 20, 46 not. A provider that is not there throws.
  whea = @(try {
      Get-WinEvent -FilterHashtable @{ LogName = "System"; ProviderName = "Microsoft-Windows-WHEA-Logger"; StartTime = $booted } |
        Group-Object Id, Level | ForEach-Object {
          @{ id = $_.Group[0].Id; level = $_.Group[0].Level; count = $_.Count }
        }
    } catch { })
} | ConvertTo-Json -Depth 4 -Compress
