import { richText } from './document';
import { type Exchange, JiraRefusal, json, noContent, objectBody, queryNumber, signedIn } from './exchange';
import { seenIssue } from './issues';
import { showComment } from './representation';
import type { AdfNode, CommentRecord, IssueRecord } from './state';

export function listComments(exchange: Exchange) {
  const { url, settings } = exchange;
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const startAt = queryNumber(url, 'startAt', 0, Number.MAX_SAFE_INTEGER);
  const maxResults = queryNumber(url, 'maxResults', 5_000, 5_000);
  const newestFirst = url.searchParams.get('orderBy') === '-created';
  const comments = newestFirst ? [...issue.comments].reverse() : issue.comments;
  return json(200, {
    startAt,
    maxResults,
    total: comments.length,
    comments: comments.slice(startAt, startAt + maxResults).map((comment) => showComment(settings, issue, comment)),
  });
}

export function addComment(exchange: Exchange) {
  const { state, settings, now } = exchange;
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const user = signedIn(exchange);
  if (!user.permissions.includes('ADD_COMMENTS')) {
    throw new JiraRefusal(403, ['You do not have the permission to comment on this issue.']);
  }
  const body = commentBody(exchange);
  const comment: CommentRecord = { id: state.nextId(), author: user.accountId, body, createdAt: now, updatedAt: now };
  const changed = { ...issue, comments: [...issue.comments, comment], updatedAt: now };
  state.save(changed);
  return json(201, showComment(settings, changed, comment));
}

export function getComment(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  return json(200, showComment(exchange.settings, issue, theComment(exchange, issue)));
}

export function editComment(exchange: Exchange) {
  const { state, settings, now } = exchange;
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const comment = theComment(exchange, issue);
  mayChange(exchange, comment, 'EDIT');
  const changed = { ...comment, body: commentBody(exchange), updatedAt: now };
  state.save({
    ...issue,
    comments: issue.comments.map((other) => (other.id === comment.id ? changed : other)),
    updatedAt: now,
  });
  return json(200, showComment(settings, issue, changed));
}

export function deleteComment(exchange: Exchange) {
  const issue = seenIssue(exchange, exchange.params[0] ?? '');
  const comment = theComment(exchange, issue);
  mayChange(exchange, comment, 'DELETE');
  const comments = issue.comments.filter((other) => other.id !== comment.id);
  exchange.state.save({ ...issue, comments, updatedAt: exchange.now });
  return noContent;
}

function theComment(exchange: Exchange, issue: IssueRecord): CommentRecord {
  const id = exchange.params[1];
  const comment = issue.comments.find((other) => other.id === id);
  if (comment === undefined) throw new JiraRefusal(404, [`Can not find a comment for the id: ${id}.`]);
  return comment;
}

function mayChange({ user }: Exchange, comment: CommentRecord, what: 'EDIT' | 'DELETE'): void {
  const own = comment.author === user?.accountId && user.permissions.includes(`${what}_OWN_COMMENTS`);
  if (!own && !user?.permissions.includes(`${what}_ALL_COMMENTS`)) {
    throw new JiraRefusal(403, [`You do not have permission to ${what.toLowerCase()} comment with id: ${comment.id}`]);
  }
}

function commentBody({ request }: Exchange): AdfNode {
  const body = richText('comment', objectBody(request).body);
  if (body === null) throw new JiraRefusal(400, [], { comment: 'Comment body can not be empty!' });
  return body;
}
