# Makes a supplemental policy of App Control for Business (WDAC) that allows what lies in this folder, the Sextant agent.
# Run it as administrator on a machine where the agent is installed, and deploy the .cip as the base policy is deployed;
# on Azure Local, on one node: Add-ASWDACSupplementalPolicy -Path SextantAgent.xml
#
#   .\app-control-policy.ps1 -BasePolicyId '{id of the base policy}' -OutFolder C:\Policies
#
# Publisher trusts the OpenJS Foundation's signature of node.exe, so that the policy outlives upgrades of it; what is not
# signed (koffi.node, scripts) goes by its hash. Hash pins every file to this build.
param(
  [Parameter(Mandatory = $true)] [string]$BasePolicyId,
  [Parameter(Mandatory = $true)] [string]$OutFolder,
  [ValidateSet("Publisher", "Hash")] [string]$Level = "Publisher"
)
$ErrorActionPreference = "Stop"
$xml = Join-Path $OutFolder "SextantAgent.xml"
New-CIPolicy -MultiplePolicyFormat -UserPEs -ScanPath $PSScriptRoot -Level $Level -Fallback Hash -FilePath $xml
Set-CIPolicyIdInfo -FilePath $xml -PolicyName "Sextant Agent" -SupplementsBasePolicyID $BasePolicyId
$id = ([xml](Get-Content -LiteralPath $xml -Raw)).SiPolicy.PolicyID
ConvertFrom-CIPolicy -XmlFilePath $xml -BinaryFilePath (Join-Path $OutFolder "$id.cip")
