import { JiraRefusal } from './exchange';

/** A JQL query as a tree: what an app needs of the language. */
export type Clause =
  | { type: 'and' | 'or'; clauses: Clause[] }
  | { type: 'not'; clause: Clause }
  | { type: 'compare'; field: string; operator: Operator; values: string[]; list: boolean };

export type Operator = '=' | '!=' | '~' | '!~' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';

export interface Query {
  where: Clause | null;
  orderBy: { field: string; descending: boolean }[];
}

interface Token {
  type: 'word' | 'string' | 'symbol' | 'end';
  text: string;
}

const wrong = (text: string) => new JiraRefusal(400, [`Error in the JQL Query: ${text}`]);

/** @throws JiraRefusal 400 */
export function parseJql(jql: string): Query {
  const tokens = tokensOf(jql);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { type: 'end', text: '' };
  const next = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const keyword = (...words: string[]): boolean => {
    const matches = words.every((word, index) => {
      const token = tokens[position + index];
      return token?.type === 'word' && token.text.toLowerCase() === word;
    });
    if (matches) position += words.length;
    return matches;
  };
  const symbol = (text: string): boolean => {
    if (peek().type !== 'symbol' || peek().text !== text) return false;
    position += 1;
    return true;
  };

  const either = (): Clause => {
    const clauses = [both()];
    while (keyword('or') || symbol('||')) clauses.push(both());
    return only(clauses) ?? { type: 'or', clauses };
  };
  const both = (): Clause => {
    const clauses = [negated()];
    while (keyword('and') || symbol('&&')) clauses.push(negated());
    return only(clauses) ?? { type: 'and', clauses };
  };
  const negated = (): Clause => {
    if (keyword('not') || symbol('!')) return { type: 'not', clause: negated() };
    if (!symbol('(')) return comparison();
    const clause = either();
    if (!symbol(')')) throw wrong(`Expecting ')' before '${peek().text}'.`);
    return clause;
  };
  const comparison = (): Clause => {
    const field = next();
    if (field.type !== 'word' && field.type !== 'string')
      throw wrong(`Expecting a field name but got '${field.text}'.`);
    if (field.type === 'word' && reserved.has(field.text.toLowerCase())) {
      throw wrong(
        `Expecting a field name but got '${field.text}'. You must surround '${field.text}' in quotation marks to use it as a field name.`,
      );
    }
    const operator = operatorOf();
    const list = operator === 'in' || operator === 'not in';
    if (!list) return { type: 'compare', field: field.text, operator, values: [value()], list };
    if (!symbol('(')) throw wrong(`Expecting '(' after '${operator}'.`);
    const values = [value()];
    while (symbol(',')) values.push(value());
    if (!symbol(')')) throw wrong(`Expecting ')' before '${peek().text}'.`);
    return { type: 'compare', field: field.text, operator, values, list };
  };
  const operatorOf = (): Operator => {
    if (keyword('not', 'in')) return 'not in';
    if (keyword('in')) return 'in';
    if (keyword('is', 'not')) return 'is not';
    if (keyword('is')) return 'is';
    const { text, type } = next();
    const found = symbolOperators.find((operator) => type === 'symbol' && operator === text);
    if (found === undefined) {
      throw wrong(
        `Expecting operator but got '${text}'. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.`,
      );
    }
    return found;
  };
  const value = (): string => {
    const token = next();
    if (token.type === 'end') throw wrong('Expecting either a value, list or function before the end of the query.');
    if (token.type === 'symbol')
      throw wrong(`The character '${token.text}' is a reserved JQL character. You must enclose it in a string.`);
    if (
      token.type === 'word' &&
      reserved.has(token.text.toLowerCase()) &&
      !['empty', 'null'].includes(token.text.toLowerCase())
    ) {
      throw wrong(
        `'${token.text}' is a reserved JQL word. You must surround it in quotation marks to use it in a query.`,
      );
    }
    return token.text;
  };

  const startsWithOrder = peek().type === 'word' && peek().text.toLowerCase() === 'order';
  const where = peek().type === 'end' || startsWithOrder ? null : either();
  const orderBy: Query['orderBy'] = [];
  if (keyword('order', 'by')) {
    do {
      const field = next().text;
      const descending = keyword('desc');
      if (!descending) keyword('asc');
      orderBy.push({ field: field.toLowerCase(), descending });
    } while (symbol(','));
  }
  if (peek().type !== 'end') throw wrong(`Expecting either 'OR' or 'AND' but got '${peek().text}'.`);
  return { where, orderBy };
}

const only = (clauses: Clause[]): Clause | undefined => (clauses.length === 1 ? clauses[0] : undefined);
const symbolOperators = ['=', '!=', '~', '!~', '<', '<=', '>', '>='] as const;
const reserved = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'empty',
  'null',
  'order',
  'by',
  'was',
  'changed',
  'issue.property',
]);

/** Strings, symbols and words; a word may hold `issue.property['key'].path`. */
function tokensOf(jql: string): Token[] {
  const pattern =
    /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|<=|>=|&&|\|\||[=~<>(),!])|((?:\[[^\]]*\]|[^\s"'=!~<>(),[\]&|{}*/%^$#@?;+\\`])+)/gy;
  const tokens: Token[] = [];
  while (pattern.lastIndex < jql.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(jql);
    if (match === null) {
      throw wrong(
        `The character '${jql[start]}' is a reserved JQL character. You must enclose it in a string or use the escape '\\u${jql.charCodeAt(start).toString(16).padStart(4, '0')}' instead.`,
      );
    }
    const [, double, single, symbol, word] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ type: 'string', text: unescaped(quoted) });
    else if (symbol !== undefined) tokens.push({ type: 'symbol', text: symbol });
    else if (word !== undefined) tokens.push({ type: 'word', text: word });
  }
  return tokens;
}

function unescaped(text: string): string {
  return text.replace(/\\(u([0-9a-f]{4})|.)/gi, (_, sequence: string, code: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\', ' ': ' ' };
    const character = known[sequence];
    if (character === undefined) throw wrong(`'\\${sequence}' is an illegal JQL escape sequence.`);
    return character;
  });
}
