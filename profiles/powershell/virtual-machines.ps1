# Virtual machines of this host: state, processors, memory.
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
  virtualMachines = @(Get-VM |
    Select-Object Name, Id, @{ n = "State"; e = { "$($_.State)" } }, @{ n = "Heartbeat"; e = { "$($_.Heartbeat)" } },
      @{ n = "OperationalStatus"; e = { @($_.OperationalStatus | ForEach-Object { "$_" }) } }, ProcessorCount, CPUUsage,
      MemoryAssigned, MemoryDemand, MemoryMaximum, DynamicMemoryEnabled,
      @{ n = "UptimeSeconds"; e = { $_.Uptime.TotalSeconds } })
} | ConvertTo-Json -Depth 4 -Compress
