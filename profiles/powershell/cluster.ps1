# The cluster as its leading node sees it: nodes, groups, networks, quorum, shared volumes.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"
# Fails where PowerShell is constrained; names outside ASCII may then look wrong, nothing else.
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
if (-not (Get-Command Get-ClusterGroup -ErrorAction SilentlyContinue) -or
    -not (Get-Service ClusSvc -ErrorAction SilentlyContinue)) {
  '{"absent":"this machine is in no failover cluster"}'
  exit 0
}
$groups = @(Get-ClusterGroup | Select-Object Name, GroupType, State,
    @{ n = "OwnerNode"; e = { $_.OwnerNode.Name } })
# The names of the core group are translated, its type is not.
$leader = @($groups | Where-Object { "$($_.GroupType)" -eq "Cluster" } | ForEach-Object { $_.OwnerNode })[0]
if ($leader -ne $env:COMPUTERNAME) {
  @{ computer = $env:COMPUTERNAME; leader = $leader } | ConvertTo-Json -Compress
  exit 0
}
$quorum = Get-ClusterQuorum
@{
  computer = $env:COMPUTERNAME
  leader = $leader
  cluster = (Get-Cluster).Name
  nodes = @(Get-ClusterNode | Select-Object Name, State, NodeWeight, DynamicWeight, DrainStatus)
  groups = $groups
  networks = @(Get-ClusterNetwork | Select-Object Name, State, Role)
  witness = @($quorum.QuorumResource | Where-Object { $_ } | Select-Object Name, State,
    @{ n = "Type"; e = { $_.ResourceType.Name } })
  volumes = @(Get-ClusterSharedVolume | Select-Object Name, State,
    @{ n = "OwnerNode"; e = { $_.OwnerNode.Name } },
    @{ n = "Path"; e = { $_.SharedVolumeInfo[0].FriendlyVolumeName } },
    @{ n = "Size"; e = { $_.SharedVolumeInfo[0].Partition.Size } },
    @{ n = "UsedSpace"; e = { $_.SharedVolumeInfo[0].Partition.UsedSpace } })
  volumeStates = @(Get-ClusterSharedVolumeState | Select-Object Name, Node, StateInfo)
} | ConvertTo-Json -Depth 4 -Compress
