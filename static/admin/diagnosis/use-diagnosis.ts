import { useCallback, useEffect, useRef, useState } from 'react';
import { type CheckName, checkNames, type Finding } from '../../../src/domain/diagnosis';
import { inTime } from '../../../src/domain/in-time';
import { call, PageError, toPageError } from '../../shared/call';
import { diagnosisTexts as texts, withoutFinding } from './texts';

/** Milliseconds after which nothing comes any more: the platform ends a function of a page after 25 seconds. */
const checkMs = 30_000;

export interface Diagnosis {
  /** Of the checks that are done. */
  findings: Partial<Record<CheckName, Finding>>;
  isRunning: boolean;
  /** When the last run ended. */
  endedAt: Date | null;
  run: () => Promise<void>;
}

/** Runs all checks when the page is opened, and when asked: side by side, each ending by itself. @throws PageError `forbidden`, while rendering */
export function useDiagnosis(): Diagnosis {
  const [findings, setFindings] = useState<Diagnosis['findings']>({});
  const [endedAt, setEndedAt] = useState<Date | null>(null);
  const [forbidden, setForbidden] = useState<PageError | null>(null);
  const latest = useRef(0);

  const run = useCallback(async () => {
    latest.current += 1;
    const own = latest.current;
    setFindings({});
    setEndedAt(null);
    const runOne = async (check: CheckName) => {
      try {
        const finding = await look(check);
        if (own === latest.current) setFindings((before) => ({ ...before, [check]: finding }));
      } catch (thrown) {
        setForbidden(toPageError(thrown));
      }
    };
    await Promise.all(checkNames.map(runOne));
    if (own === latest.current) setEndedAt(new Date());
  }, []);

  useEffect(() => {
    void run();
    return () => {
      latest.current += 1;
    };
  }, [run]);

  if (forbidden !== null) throw forbidden;
  return { findings, isRunning: endedAt === null, endedAt, run };
}

/** @throws PageError `forbidden` */
async function look(check: CheckName): Promise<Finding> {
  const late = () => new PageError({ code: 'late', message: texts.noResult });
  try {
    return await inTime(checkMs, late, () => call('diagnosis.check', { check }));
  } catch (thrown) {
    const error = toPageError(thrown);
    if (error.code === 'forbidden') throw error;
    return withoutFinding(error);
  }
}
