import * as z from 'zod';

/** What the diagnosis page of the app asks the gateway, below `/v1/diagnosis`. Each call carries an invocation token, like any other. */

export const hello = z.object({ version: z.string().max(50), at: z.number() });

/** The longest (seconds) that the gateway holds an answer back. */
export const maxHoldSeconds = 20;
export const holdRequest = z.strictObject({ seconds: z.number().min(0).max(maxHoldSeconds) });

/** Every value of a byte: half of them are no UTF-8 where they stand. */
export const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

/**
 * What is wrong with a token that Atlassian did sign: of another app, or of another time by the gateway's clock. `other` is not
 * from Atlassian, or not whole; `keys`: it could not be told, since Atlassian's keys could not be fetched.
 */
export const tokenFaults = ['audience', 'time', 'other', 'keys'] as const;
export type TokenFault = (typeof tokenFaults)[number];
/** The answer to a request whose token is not taken. */
export const tokenRefusal = z.object({ fault: z.enum(tokenFaults), at: z.number() });
