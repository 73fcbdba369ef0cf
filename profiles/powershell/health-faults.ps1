# Open faults of the Health Service. On the leading node only.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
if (-not (Get-Command Get-HealthFault -ErrorAction SilentlyContinue)) {
  '{"absent":"this machine has no Health Service cmdlets"}'
  exit 0
}
@{
  faults = @(Get-HealthFault |
    Select-Object FaultId, FaultType, PerceivedSeverity, Reason, FaultTime, FaultingObjectDescription,
      FaultingObjectLocation, FaultingObjectType, FaultingObjectUniqueId, RecommendedActions)
} | ConvertTo-Json -Depth 4 -Compress
