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
# Enumerations as their names, which no language of Windows changes: their numbers differ between sources.
$groups = @(Get-ClusterGroup | Select-Object Name, @{ n = "GroupType"; e = { "$($_.GroupType)" } },
    @{ n = "State"; e = { "$($_.State)" } }, @{ n = "OwnerNode"; e = { $_.OwnerNode.Name } })
# The names of the core group are translated, its type is not.
$leader = @($groups | Where-Object { $_.GroupType -eq "Cluster" } | ForEach-Object { $_.OwnerNode })[0]
if ($leader -ne $env:COMPUTERNAME) {
  @{ computer = $env:COMPUTERNAME; leader = $leader } | ConvertTo-Json -Compress
  exit 0
}
$quorum = Get-ClusterQuorum
@{
  computer = $env:COMPUTERNAME
  leader = $leader
  cluster = (Get-Cluster).Name
  nodes = @(Get-ClusterNode | Select-Object Name, @{ n = "State"; e = { "$($_.State)" } },
    NodeWeight, DynamicWeight)
  groups = $groups
  networks = @(Get-ClusterNetwork | Select-Object Name, @{ n = "State"; e = { "$($_.State)" } })
  witness = @($quorum.QuorumResource | Where-Object { $_ } | Select-Object Name,
    @{ n = "State"; e = { "$($_.State)" } }, @{ n = "Type"; e = { $_.ResourceType.Name } })
  volumes = @(Get-ClusterSharedVolume | Select-Object Name, @{ n = "State"; e = { "$($_.State)" } },
    @{ n = "OwnerNode"; e = { $_.OwnerNode.Name } },
    @{ n = "Path"; e = { $_.SharedVolumeInfo[0].FriendlyVolumeName } },
    @{ n = "Size"; e = { $_.SharedVolumeInfo[0].Partition.Size } },
    @{ n = "UsedSpace"; e = { $_.SharedVolumeInfo[0].Partition.UsedSpace } })
  volumeStates = @(Get-ClusterSharedVolumeState | Select-Object Name, @{ n = "Node"; e = { "$($_.Node)" } },
    @{ n = "StateInfo"; e = { "$($_.StateInfo)" } },
    @{ n = "FileSystemReason"; e = { "$($_.FileSystemRedirectedIOReason)" } },
    @{ n = "BlockReason"; e = { "$($_.BlockRedirectedIOReason)" } })
} | ConvertTo-Json -Depth 4 -Compress
