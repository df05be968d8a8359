/** What the token endpoint answers instead of doing its work. */
export interface TokenFault {
  provider: 'google' | 'microsoft';
  status: number;
  headers?: Record<string, string>;
  body: string;
  /** How many requests get it. */
  times: number;
}

export interface TokenFaults {
  add(fault: TokenFault): void;
  /** The fault that the next token request of a provider suffers, which uses it up. */
  take(provider: TokenFault['provider']): TokenFault | undefined;
}

export function tokenFaults(): TokenFaults {
  const waiting: TokenFault[] = [];
  return {
    add: (fault) => {
      waiting.push({ ...fault });
    },
    take: (provider) => {
      const fault = waiting.find((candidate) => candidate.provider === provider && candidate.times > 0);
      if (fault) fault.times -= 1;
      return fault;
    },
  };
}
