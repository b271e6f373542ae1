/** One shape of secret: what a match is called, and which part of it is the secret. */
export interface SecretPattern {
  readonly kind: string;
  /** Global. The whole match is the secret, or the group named `secret` is. */
  readonly pattern: RegExp;
}

/**
 * Tokens that their issuers made recognisable, as their documentation gives them. Every repetition is bounded,
 * so that no text makes a match slow.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  { kind: "aws-key", pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  { kind: "github-token", pattern: /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g },
  { kind: "github-token", pattern: /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g },
  {
    kind: "gitlab-token",
    pattern: /\bgl(?:agent|cbt|dt|feed|ft|imt|oas|pat|ptt|rt|soat)-[A-Za-z0-9_-]{20,300}/g,
  },
  { kind: "slack-token", pattern: /\bxox[abceoprs]-[A-Za-z0-9-]{10,250}|\bxapp-[A-Za-z0-9-]{20,250}/g },
  {
    kind: "slack-webhook",
    pattern: /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{20,200}/g,
  },
  {
    kind: "stripe-key",
    pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,250}|\bwhsec_[A-Za-z0-9+/=]{32,100}/g,
  },
  { kind: "google-key", pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  {
    kind: "google-token",
    pattern: /\bGOCSPX-[A-Za-z0-9_-]{28}|\bya29\.[A-Za-z0-9_-]{30,500}/g,
  },
  { kind: "npm-token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: "npm-token", pattern: /:_(?:authToken|auth|password)\s{0,3}=\s{0,3}(?<secret>[^\s$]{8,500})/g },
  { kind: "pypi-token", pattern: /\bpypi-[A-Za-z0-9_-]{50,500}/g },
  { kind: "huggingface-token", pattern: /\bhf_[A-Za-z0-9]{30,100}\b/g },
  { kind: "api-key", pattern: /\bsk-(?:ant|proj|svcacct|or)-[A-Za-z0-9_-]{20,250}|\bsk-[A-Za-z0-9]{48}\b/g },
  { kind: "sendgrid-key", pattern: /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}/g },
  { kind: "digitalocean-token", pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g },
  { kind: "azure-key", pattern: /\b(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9+/]{40,100}={0,2})/g },
  {
    kind: "jwt",
    pattern: /\beyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,1000}/g,
  },
  {
    kind: "url-password",
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"`<>]{0,100}:(?<secret>[^\s@/'"`<>${}[\]]{3,200})@/gi,
  },
  { kind: "bearer", pattern: /\b(?:bearer|basic)\s{1,3}(?<secret>[A-Za-z0-9+/._~=-]{24,1000})/gi },
];
