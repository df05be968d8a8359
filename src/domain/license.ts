/** What the platform says of the license of an installation (`getAppContext().license`, the context of pages). */
export interface License {
  active?: boolean;
  /** What it was called before. */
  isActive?: boolean;
}

/**
 * Whether the app may fetch and send mail. The platform says nothing of a license where the app is free, in development and in staging:
 * everything works there. The one switch is `app.licensing.enabled` in manifest.yml.
 */
export const isLicensed = (license: License | null | undefined): boolean =>
  (license?.active ?? license?.isActive) !== false;
