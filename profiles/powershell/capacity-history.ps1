# What Windows remembers of use and capacity (Get-ClusterPerf): hours of a month, days of a year. Asked once.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
if (-not (Get-Command Get-ClusterPerf -ErrorAction SilentlyContinue)) {
  '{"absent":"this machine keeps no performance history"}'
  exit 0
}
# Metric, name and points of one series; a series that a release does not have is left out.
function Read-Series($Metric, $Name, $Read) {
  $points = @()
  foreach ($frame in "LastYear", "LastMonth") {
    try { $points += @(& $Read $frame | Select-Object Time, Value) } catch { }
  }
  @{ metric = $Metric; name = $Name; points = $points }
}
$series = @()
# CSVFS, CSVFS_NTFS or CSVFS_ReFS, by release.
foreach ($volume in Get-Volume | Where-Object { "$($_.FileSystem) $($_.FileSystemType)" -like "*CSV*" }) {
  $name = $volume.FileSystemLabel
  $series += Read-Series "volume.size" $name { param($frame) $volume | Get-ClusterPerf -VolumeSeriesName "Volume.Size.Total" -TimeFrame $frame }
  $series += Read-Series "volume.available" $name { param($frame) $volume | Get-ClusterPerf -VolumeSeriesName "Volume.Size.Available" -TimeFrame $frame }
}
foreach ($node in Get-ClusterNode) {
  $name = $node.Name
  $series += Read-Series "node.cpu" $name { param($frame) $node | Get-ClusterPerf -ClusterNodeSeriesName "ClusterNode.Cpu.Usage" -TimeFrame $frame }
  $series += Read-Series "node.memory" $name { param($frame) $node | Get-ClusterPerf -ClusterNodeSeriesName "ClusterNode.Memory.Usage" -TimeFrame $frame }
}
@{ series = $series } | ConvertTo-Json -Depth 4 -Compress
