# Storage Spaces Direct: pools, virtual and physical disks, jobs. On the leading node only.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
if (-not (Get-Command Get-StoragePool -ErrorAction SilentlyContinue)) {
  '{"absent":"this machine has no Storage Spaces"}'
  exit 0
}
@{
  pools = @(Get-StoragePool -IsPrimordial $false -ErrorAction SilentlyContinue |
    Select-Object FriendlyName, UniqueId, HealthStatus, OperationalStatus, Size, AllocatedSize, IsReadOnly)
  virtualDisks = @(Get-VirtualDisk |
    Select-Object FriendlyName, UniqueId, HealthStatus, OperationalStatus, Size, FootprintOnPool, ResiliencySettingName)
  physicalDisks = @(Get-PhysicalDisk |
    Select-Object FriendlyName, UniqueId, SerialNumber, MediaType, Usage, HealthStatus, OperationalStatus, Size,
      AllocatedSize, PhysicalLocation, FirmwareVersion)
  jobs = @(Get-StorageJob |
    Select-Object Name, UniqueId, JobState, PercentComplete, BytesProcessed, BytesTotal, IsBackgroundTask)
} | ConvertTo-Json -Depth 4 -Compress
