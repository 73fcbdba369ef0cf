# Virtual hard disks of this host's virtual machines. Opens each file, so not often.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
if (-not (Get-Command Get-VM -ErrorAction SilentlyContinue) -or
    -not (Get-Service vmms -ErrorAction SilentlyContinue)) {
  '{"absent":"this machine is no Hyper-V host"}'
  exit 0
}
@{
  disks = @(Get-VM | Get-VMHardDiskDrive | Where-Object { $_.Path } | ForEach-Object {
    $drive = $_
    try {
      Get-VHD -Path $drive.Path | Select-Object Path, Size, FileSize, VhdType,
        @{ n = "VMName"; e = { $drive.VMName } }, @{ n = "VMId"; e = { $drive.VMId } }
    } catch { }
  })
} | ConvertTo-Json -Depth 4 -Compress
