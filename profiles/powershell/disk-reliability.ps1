# Wear, temperature and errors of the disks of this node. Costs I/O latency: hourly at most.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
if (-not (Get-Command Get-StorageReliabilityCounter -ErrorAction SilentlyContinue)) {
  '{"absent":"this machine has no storage cmdlets"}'
  exit 0
}
# In a cluster Get-PhysicalDisk shows every node's disks; this node answers for its own.
$node = Get-StorageNode -ErrorAction SilentlyContinue | Where-Object { ($_.Name -split "\.")[0] -eq $env:COMPUTERNAME } |
  Select-Object -First 1
$disks = if ($node) { Get-PhysicalDisk -StorageNode $node -PhysicallyConnected } else { Get-PhysicalDisk }
@{
  disks = @($disks | ForEach-Object {
    $disk = $_
    try {
      $disk | Get-StorageReliabilityCounter | Select-Object Temperature, TemperatureMax, Wear, PowerOnHours,
        ReadErrorsTotal, ReadErrorsCorrected, ReadErrorsUncorrected, WriteErrorsTotal, WriteErrorsCorrected,
        WriteErrorsUncorrected, ReadLatencyMax, WriteLatencyMax, FlushLatencyMax, StartStopCycleCount,
        @{ n = "FriendlyName"; e = { $disk.FriendlyName } }, @{ n = "SerialNumber"; e = { $disk.SerialNumber } },
        @{ n = "HealthStatus"; e = { $disk.HealthStatus } }, @{ n = "Size"; e = { $disk.Size } }
    } catch { }
  })
} | ConvertTo-Json -Depth 4 -Compress
