import { type Exchange, JiraRefusal, json, noContent, parsedBody } from './exchange';
import { seenIssue } from './issues';
import { link } from './representation';
import type { Json } from './state';

/** Characters of a property's key, and of its value as JSON. */
const keyLimit = 255;
const valueLimit = 32_768;

/** @throws JiraRefusal 400 */
export function checkedProperty(key: string, value: unknown): Json {
  if (key.length === 0 || key.length > keyLimit) {
    throw new JiraRefusal(400, [`The property key must not be empty or longer than ${keyLimit} characters.`]);
  }
  if (JSON.stringify(value).length > valueLimit) {
    throw new JiraRefusal(400, [`The property value must not be longer than ${valueLimit} characters.`]);
  }
  // It was parsed from JSON.
  return value as Json;
}

export function listProperties(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const keys = Object.keys(issue.properties);
  return json(200, { keys: keys.map((key) => ({ self: propertyLink(exchange, issue.id, key), key })) });
}

export function getProperty(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const key = exchange.params[1] ?? '';
  if (!Object.hasOwn(issue.properties, key)) throw missing(key);
  return json(200, { key, value: issue.properties[key] });
}

export function putProperty(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  mayEdit(exchange);
  const key = exchange.params[1] ?? '';
  const value = checkedProperty(key, parsedBody(exchange.request));
  const created = !Object.hasOwn(issue.properties, key);
  exchange.state.save({ ...issue, properties: { ...issue.properties, [key]: value } });
  return { ...noContent, status: created ? 201 : 200 };
}

export function deleteProperty(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  mayEdit(exchange);
  const { [exchange.params[1] ?? '']: removed, ...properties } = issue.properties;
  if (removed === undefined) throw missing(exchange.params[1] ?? '');
  exchange.state.save({ ...issue, properties });
  return noContent;
}

const missing = (key: string) => new JiraRefusal(404, [`The property with key ${key} does not exist.`]);
const propertyLink = ({ settings }: Exchange, issueId: string, key: string) =>
  link(settings, `issue/${issueId}/properties/${encodeURIComponent(key)}`);

function mayEdit({ user }: Exchange): void {
  if (!user?.permissions.includes('EDIT_ISSUES')) {
    throw new JiraRefusal(403, ['You do not have permission to edit issues in this project.']);
  }
}
