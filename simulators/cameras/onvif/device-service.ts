import { escapeXml, SoapFault } from './soap.ts';

/** What the device service tells of its camera. */
export interface DeviceFacts {
  readonly name: string;
  readonly serial: string;
  /** `http://host:port` as the client reached it. */
  readonly origin: string;
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: number;
}

export const DEVICE_PATH = '/onvif/device_service';
export const MEDIA_PATH = '/onvif/media_service';
const DEVICE_NS = 'http://www.onvif.org/ver10/device/wsdl';
const MEDIA_NS = 'http://www.onvif.org/ver10/media/wsdl';

/** Answerable before signing in (ONVIF Core Specification, access class PRE_AUTH). */
export const WITHOUT_SIGNING_IN: ReadonlySet<string> = new Set([
  'GetSystemDateAndTime',
  'GetServices',
  'GetCapabilities',
]);

/** The body of the answer to a device service action; nothing when it is none of ours. */
export function answerDevice(action: string, device: DeviceFacts): string | undefined {
  switch (action) {
    case 'GetSystemDateAndTime':
      return dateAndTime(device.wallMs);
    case 'GetServices':
      return `<tds:GetServicesResponse>${service(DEVICE_NS, device.origin + DEVICE_PATH)}${service(
        MEDIA_NS,
        device.origin + MEDIA_PATH,
      )}</tds:GetServicesResponse>`;
    case 'GetCapabilities':
      return capabilities(device.origin);
    case 'GetDeviceInformation':
      return (
        '<tds:GetDeviceInformationResponse><tds:Manufacturer>Vedette</tds:Manufacturer>' +
        `<tds:Model>Simulator ${escapeXml(device.name)}</tds:Model><tds:FirmwareVersion>1.0.0</tds:FirmwareVersion>` +
        `<tds:SerialNumber>${device.serial}</tds:SerialNumber><tds:HardwareId>simulator</tds:HardwareId>` +
        '</tds:GetDeviceInformationResponse>'
      );
    case 'GetScopes':
      return `<tds:GetScopesResponse>${deviceScopes(device.name)
        .map(
          (scope) =>
            `<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>${scope}</tt:ScopeItem></tds:Scopes>`,
        )
        .join('')}</tds:GetScopesResponse>`;
    case 'GetHostname':
      return (
        '<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>' +
        `<tt:Name>simulator-${device.serial.toLowerCase()}</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>`
      );
    default:
      return undefined;
  }
}

/** What a camera says of itself in discovery and GetScopes (ONVIF Core Specification section 7.3.3). */
export function deviceScopes(name: string): string[] {
  return [
    'onvif://www.onvif.org/type/video_encoder',
    'onvif://www.onvif.org/Profile/Streaming',
    'onvif://www.onvif.org/hardware/simulator',
    `onvif://www.onvif.org/name/${encodeURIComponent(name)}`,
  ];
}

export function notSupported(action: string): SoapFault {
  return new SoapFault('Receiver', ['ActionNotSupported'], `${action.slice(0, 64)} is not supported`);
}

function service(namespace: string, address: string): string {
  return (
    `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${address}</tds:XAddr>` +
    '<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>'
  );
}

function capabilities(origin: string): string {
  return (
    `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device><tt:XAddr>${origin}${DEVICE_PATH}</tt:XAddr>` +
    '<tt:System><tt:DiscoveryResolve>false</tt:DiscoveryResolve><tt:DiscoveryBye>false</tt:DiscoveryBye>' +
    '<tt:RemoteDiscovery>false</tt:RemoteDiscovery><tt:SystemBackup>false</tt:SystemBackup>' +
    '<tt:SystemLogging>false</tt:SystemLogging><tt:FirmwareUpgrade>false</tt:FirmwareUpgrade>' +
    '<tt:SupportedVersions><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tt:SupportedVersions></tt:System></tt:Device>' +
    `<tt:Media><tt:XAddr>${origin}${MEDIA_PATH}</tt:XAddr><tt:StreamingCapabilities>` +
    '<tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP>' +
    '</tt:StreamingCapabilities></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>'
  );
}

function dateAndTime(wallMs: number): string {
  const now = new Date(wallMs);
  return (
    '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>' +
    '<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone><tt:UTCDateTime>' +
    `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute>` +
    `<tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year>` +
    `<tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>` +
    '</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>'
  );
}
