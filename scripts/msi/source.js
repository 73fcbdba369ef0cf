import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** Tells Windows Installer that two packages are versions of one product; never changes. */
const upgradeCode = 'B2D5A9A1-6A0E-4C1F-9E3B-5E6F3C1D7A42';

/** Windows Installer passes over a property that it does not know, so that one of two is the trace of a misspelt one. */
const enrolWithBoth =
  'To enrol this node give both, spelt like this; leave both out to enrol it later, or when it is enrolled already.';

/** What a verbose log of an installation without either has; 255 characters are what the column holds. */
const withoutEnrolment =
  'COLLECTOR_URL and ENROLLMENT_TOKEN were not given. A node that was not enrolled before is not enrolled now, and its service not started. Then run: sextant agent service setup --collector URL --token-file FILE --start';

/**
 * The source of the agent's installer, for wixl.
 *
 * Installing lays down the files and the service, then runs SetUp: it closes the data folder, enrols the node, sets
 * what an MSI cannot (restart, privileges) and starts the service. Removing stops the service first and waits for its
 * process, since a process that is still ending holds its own file. Custom actions are the agent's own commands.
 *
 * @param {object} product
 * @param {string} product.version
 * @param {string} product.stage folder with all that is shipped, relative to this source
 * @param {readonly string[]} product.files paths in it, with slashes; node.exe and sextant.js among them
 * @param {readonly string[]} product.nodeFlags
 * @param {{ name: string, displayName: string, description: string }} product.service
 * @param {string} product.minimumWindows lowest VersionNT64
 * @param {string} product.contentHash tells two builds of one version apart
 */
export function msiSource({ version, stage, files, nodeFlags, service, minimumWindows, contentHash }) {
  const program = '&quot;[INSTALLDIR]sextant.js&quot;';
  // Named here, because what a service is told of its environment is not always what a user is told.
  const dataDir = '--data-dir &quot;[CommonAppDataFolder]Sextant&quot;';
  const others = files.filter((file) => file !== 'node.exe');
  const folders = [...new Set(others.map((file) => posix.dirname(file)))].sort();
  const action = (id, command, more = '') =>
    `<CustomAction Id="${id}" FileKey="NodeExe" Execute="deferred" Impersonate="no" Return="check"${more}
                  ExeCommand="${program} ${command}" />`;

  return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${guid(`product ${version} ${contentHash}`)}" UpgradeCode="${upgradeCode}" Name="Sextant Agent"
           Manufacturer="Sextant" Version="${version}" Language="1033">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine" Comments="Sextant Agent ${version}" />
    <Media Id="1" Cabinet="agent.cab" EmbedCab="yes" />

    <Upgrade Id="${upgradeCode}">
      <UpgradeVersion Minimum="0.0.0" IncludeMinimum="yes" Maximum="${version}" IncludeMaximum="yes"
                      Property="OLDERFOUND" />
      <UpgradeVersion Minimum="${version}" IncludeMinimum="no" OnlyDetect="yes" Property="NEWERFOUND" />
    </Upgrade>
    <Condition Message="A newer Sextant Agent is installed. Remove it first if this one is wanted.">Installed OR NOT NEWERFOUND</Condition>
    <Condition Message="Sextant Agent needs 64-bit Windows Server 2016, Windows 10 or newer.">Installed OR VersionNT64 &gt;= ${minimumWindows}</Condition>

    <Condition Message="COLLECTOR_URL came without ENROLLMENT_TOKEN or ENROLLMENT_TOKEN_FILE. ${enrolWithBoth}">Installed OR NOT COLLECTOR_URL OR ENROLLMENT_TOKEN OR ENROLLMENT_TOKEN_FILE</Condition>
    <Condition Message="ENROLLMENT_TOKEN or ENROLLMENT_TOKEN_FILE came without COLLECTOR_URL. ${enrolWithBoth}">Installed OR COLLECTOR_URL OR NOT (ENROLLMENT_TOKEN OR ENROLLMENT_TOKEN_FILE)</Condition>

    <Property Id="ARPNOMODIFY" Value="1" />

    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
          <Directory Id="INSTALLDIR" Name="Sextant">
            <Component Id="Runtime" Guid="${guid('component runtime')}" Win64="yes">
              <File Id="NodeExe" Name="node.exe" Source="${stage}/node.exe" KeyPath="yes" />
              <ServiceInstall Id="Service" Name="${service.name}" DisplayName="${service.displayName}"
                              Description="${service.description}" Type="ownProcess" Start="auto"
                              ErrorControl="normal" Vital="yes"
                              Arguments="${nodeFlags.join(' ')} ${program} agent service run ${dataDir}" />
              <ServiceControl Id="ServiceControl" Name="${service.name}" Stop="both" Remove="uninstall" Wait="yes" />
              <RegistryKey Root="HKLM" Key="SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${service.displayName}">
                <RegistryValue Name="TypesSupported" Type="integer" Value="7" />
                <RegistryValue Name="EventMessageFile" Type="string" Value="" />
              </RegistryKey>
              <RegistryKey Root="HKLM" Key="SYSTEM\\CurrentControlSet\\Services\\${service.name}">
                <RegistryValue Name="Environment" Type="string" Value="" />
              </RegistryKey>
            </Component>
${filesOf('.', 12)}
        </Directory>
      </Directory>
    </Directory>

    <Feature Id="Agent" Level="1" Title="Sextant Agent">
      <ComponentRef Id="Runtime" />
${folders.map((folder) => `      <ComponentRef Id="${componentId(folder)}" />`).join('\n')}
    </Feature>

    ${action('StopAgent', 'agent service stop --if-installed')}
    ${action('PurgeData', `agent service purge ${dataDir}`)}
    ${action(
      'SetUp',
      `agent service setup --start ${dataDir} --collector &quot;[COLLECTOR_URL]&quot; --token &quot;[ENROLLMENT_TOKEN]&quot; --token-file &quot;[ENROLLMENT_TOKEN_FILE]&quot;`,
      ' HideTarget="yes"',
    )}
    <InstallExecuteSequence>
      <RemoveExistingProducts After="InstallValidate" />
      <Custom Action="StopAgent" Before="StopServices">REMOVE="ALL"</Custom>
      <Custom Action="PurgeData" After="DeleteServices">REMOVE="ALL" AND PURGE="1" AND NOT UPGRADINGPRODUCTCODE</Custom>
      <Custom Action="SetUp" After="StartServices">NOT REMOVE</Custom>
    </InstallExecuteSequence>
  </Product>
</Wix>
`;

  /** The component of a folder and the folders in it. */
  function filesOf(folder, indent) {
    const pad = ' '.repeat(indent);
    const own = others.filter((file) => posix.dirname(file) === folder);
    const below = folders.filter((other) => other !== '.' && posix.dirname(other) === folder);
    const lines = own.map(
      (file, index) =>
        `${pad}  <File Id="${id('F', file)}" Name="${posix.basename(file)}" Source="${stage}/${file}"${index === 0 ? ' KeyPath="yes"' : ''} />`,
    );
    return [
      `${pad}<Component Id="${componentId(folder)}" Guid="${guid(`component ${folder}`)}" Win64="yes">`,
      ...lines,
      `${pad}</Component>`,
      ...below.map(
        (other) =>
          `${pad}<Directory Id="${id('D', other)}" Name="${posix.basename(other)}">\n${filesOf(other, indent + 2)}\n${pad}</Directory>`,
      ),
    ].join('\n');
  }
}

/**
 * What wixl 0.101 leaves out or puts into the wrong place, as statements for msibuild.
 *
 * @param {{ version: string, service: { name: string, displayName: string }, environment: Record<string, string> }} product
 *   `environment` is that of the service
 */
export function msiAmendments({ version, service, environment }) {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const set = (table, column, value, where, is) =>
    `UPDATE \`${table}\` SET \`${column}\`=${value} WHERE \`${where}\`='${is}'`;
  const services = 'SYSTEM\\CurrentControlSet\\Services';
  const eventSource = `${services}\\EventLog\\Application\\${service.displayName}`;
  return [
    // Before StopServices (1900); the old version goes before the new one comes, outside of its transaction.
    set('InstallExecuteSequence', 'Sequence', 1850, 'Action', 'StopAgent'),
    set('InstallExecuteSequence', 'Sequence', 1450, 'Action', 'RemoveExistingProducts'),
    // In a script for later, as the system, its target not in the log: 18 + 1024 + 2048 + 8192.
    set('CustomAction', 'Type', 11282, 'Action', 'SetUp'),
    // Both ends of the range count, so that another build of the same version replaces it.
    "DELETE FROM `Upgrade` WHERE `ActionProperty`='OLDERFOUND'",
    `INSERT INTO \`Upgrade\` (\`UpgradeCode\`, \`VersionMin\`, \`VersionMax\`, \`Attributes\`, \`ActionProperty\`) VALUES ('{${upgradeCode}}', '0.0.0', '${version}', 768, 'OLDERFOUND')`,
    "INSERT INTO `Property` (`Property`, `Value`) VALUES ('MsiHiddenProperties', 'ENROLLMENT_TOKEN')",
    // A property that nobody reads: its setting is a line of the log. Type 51 sets one.
    `INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('TellNotEnrolled', 51, 'NotEnrolled', '${withoutEnrolment}')`,
    "INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('TellNotEnrolled', 'NOT Installed AND NOT COLLECTOR_URL AND NOT REMOVE', 1010)",
    // What reaches the elevated half of the installation.
    set('Property', 'Value', `'${secureProperties.join(';')}'`, 'Property', 'SecureCustomProperties'),
    // REG_EXPAND_SZ: Windows' own EventCreate.exe, whose messages 1 to 1000 are the text alone.
    set('Registry', 'Value', "'#%%SystemRoot%\\System32\\EventCreate.exe'", 'Name', 'EventMessageFile'),
    set('Registry', 'Key', `'${eventSource}'`, 'Name', 'EventMessageFile'),
    set('Registry', 'Key', `'${eventSource}'`, 'Name', 'TypesSupported'),
    // REG_MULTI_SZ.
    set('Registry', 'Value', `'[~]${variables.join('[~]')}[~]'`, 'Name', 'Environment'),
    set('Registry', 'Key', `'${services}\\${service.name}'`, 'Name', 'Environment'),
  ];
}

const secureProperties = [
  'OLDERFOUND',
  'NEWERFOUND',
  'COLLECTOR_URL',
  'ENROLLMENT_TOKEN',
  'ENROLLMENT_TOKEN_FILE',
  'PURGE',
];

const componentId = (folder) => (folder === '.' ? 'Program' : id('C', folder));

const id = (kind, path) => `${kind}${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;

/** The same GUID for the same name: a component keeps its own from version to version. */
function guid(name) {
  const hex = createHash('sha256').update(`sextant-agent ${name}`).digest('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-A${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
