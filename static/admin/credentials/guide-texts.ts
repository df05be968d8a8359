import type { FormValues } from './form-values';

/** The words of the guide beside the form. Names are those in the providers' own consoles. */

export const guideTitle = 'Register Letterbox at the provider';

export interface Guide {
  console: { name: string; url: string };
  steps: readonly string[];
  note: string;
}

const google: Guide = {
  console: { name: 'Google Cloud console', url: 'https://console.cloud.google.com/' },
  steps: [
    'Choose a project or create one. Under APIs & Services, enable the Gmail API.',
    'Under Google Auth Platform, fill in Branding. As audience choose Internal if your mailboxes are in Google Workspace.',
    'Under Data Access, add the scopes gmail.modify and gmail.send.',
    'Under Clients, create a client of the type Web application. As authorized redirect URI enter the callback URL of this page.',
    'Copy client ID and client secret into this form.',
  ],
  note: 'An external application that is still in testing loses its access after seven days. Publish it to keep mail coming.',
};

const register =
  'Under App registrations, choose New registration. As redirect URI choose Web, and enter the callback URL of this page.';
const secret =
  'Under Certificates & secrets, create a client secret. Copy its value and its expiry date into this form; the value is shown only once.';
const overview = 'From Overview, copy Application (client) ID and Directory (tenant) ID into this form.';

const delegated = {
  steps: [
    register,
    'Under API permissions, add delegated permissions of Microsoft Graph: for Graph API Mail.ReadWrite and Mail.Send, with shared mailboxes Mail.ReadWrite.Shared and Mail.Send.Shared; for IMAP IMAP.AccessAsUser.All and SMTP.Send. Add offline_access, openid and email.',
    secret,
    overview,
  ],
  note: 'Where people may not agree to permissions themselves, an administrator of the tenant presses Grant admin consent.',
};

const application = {
  steps: [
    'Under App registrations, choose New registration. It needs no redirect URI.',
    'Under API permissions, add the application permissions Mail.ReadWrite and Mail.Send of Microsoft Graph, then press Grant admin consent.',
    secret,
    overview,
  ],
  note: 'These permissions open every mailbox of the tenant. In Exchange Online, limit them to the ones that Letterbox shall read (role based access control for applications).',
};

const consoles: Record<string, Guide['console']> = {
  global: { name: 'Microsoft Entra admin center', url: 'https://entra.microsoft.com/' },
  'us-gcc-high': { name: 'Microsoft Entra admin center (US government)', url: 'https://entra.microsoft.us/' },
  'us-dod': { name: 'Microsoft Entra admin center (US government)', url: 'https://entra.microsoft.us/' },
  china: { name: 'Azure portal (China)', url: 'https://portal.azure.cn/' },
};

export function guideOf({ provider, grant, cloud }: FormValues): Guide {
  if (provider === 'google') return google;
  const place = consoles[cloud] ?? { name: '', url: '' };
  return { console: place, ...(grant === 'client-credentials' ? application : delegated) };
}
