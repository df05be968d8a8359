import { DynamicTableStateless } from '@atlaskit/dynamic-table';
import SearchIcon from '@atlaskit/icon/core/search';
import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import Textfield from '@atlaskit/textfield';
import VisuallyHidden from '@atlaskit/visually-hidden';
import { type ReactNode, useState } from 'react';
import { useHasWideTable } from './layout';

export interface Column<T> {
  key: string;
  title: string;
  /** Null for an empty cell. */
  render: (item: T) => ReactNode;
  /** Numbers and texts sort differently; a column without this can't be sorted. */
  sortBy?: (item: T) => string | number;
  /** What the search field finds the item by. */
  searchBy?: (item: T) => string;
  /** Where there is no room, the column moves below the first one. */
  isSecondary?: boolean;
  /** Percent of the table's width. */
  width?: number;
}

interface Props<T> {
  label: string;
  searchLabel: string;
  noMatch: (search: string) => string;
  columns: readonly Column<T>[];
  items: readonly T[];
  itemKey: (item: T) => string;
}

/** A column of plain text, which the search finds and which sorts by it; `options` say what is otherwise. */
export function textColumn<T, K extends string>(
  titles: Readonly<Record<K, string>>,
  key: K,
  read: (item: T) => string,
  options: Partial<Column<T>> = {},
): Column<T> {
  const render = (item: T) => (read(item) === '' ? null : <Text>{read(item)}</Text>);
  return { key, title: titles[key], isSecondary: true, sortBy: read, searchBy: read, render, ...options };
}

// A table may be wider than a narrow window; it scrolls by itself, the page does not.
const scrollStyles = xcss({ overflowX: 'auto' });
const iconStyles = xcss({ paddingInlineStart: 'space.100', lineHeight: '1' });

/** A table with a search field over its items and sortable columns. What to show without any items is the caller's. */
export function DataTable<T>(props: Props<T>) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<{ key: string; order: 'ASC' | 'DESC' }>({
    key: props.columns[0]?.key ?? '',
    order: 'ASC',
  });
  const isWide = useHasWideTable();
  const columns = isWide ? props.columns : props.columns.filter((column) => !column.isSecondary);
  const below = isWide ? [] : props.columns.filter((column) => column.isSecondary);
  const found = props.items.filter((item) => matches(item, props.columns, search));

  const cell = (item: T, column: Column<T>, index: number) => {
    const content = column.render(item);
    return {
      key: column.sortBy?.(item) ?? '',
      content: index === 0 && below.length > 0 ? <WithDetails item={item} columns={below} first={content} /> : content,
    };
  };

  return (
    <Stack space="space.200">
      <Inline>
        <Textfield
          type="search"
          aria-label={props.searchLabel}
          placeholder={props.searchLabel}
          width="large"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          elemBeforeInput={
            <Box xcss={iconStyles}>
              <SearchIcon label="" />
            </Box>
          }
        />
      </Inline>
      <VisuallyHidden>
        <div role="status">{search === '' ? '' : `${found.length} of ${props.items.length}`}</div>
      </VisuallyHidden>
      <Box xcss={scrollStyles}>
        <DynamicTableStateless
          label={props.label}
          head={{
            cells: columns.map((column) => ({
              key: column.key,
              content: column.title,
              isSortable: column.sortBy !== undefined,
              ...(isWide && column.width !== undefined && { width: column.width }),
            })),
          }}
          rows={found.map((item) => ({
            key: props.itemKey(item),
            cells: columns.map((column, index) => cell(item, column, index)),
          }))}
          sortKey={sort.key}
          sortOrder={sort.order}
          onSort={({ key, sortOrder }) => setSort({ key, order: sortOrder })}
          emptyView={<Text>{props.noMatch(search)}</Text>}
        />
      </Box>
    </Stack>
  );
}

function WithDetails<T>({ item, columns, first }: { item: T; columns: readonly Column<T>[]; first: ReactNode }) {
  return (
    <Stack space="space.050">
      {first}
      {columns.map((column) => {
        const content = column.render(item);
        if (content === null) return null;
        return (
          <Inline key={column.key} space="space.050" alignBlock="baseline" shouldWrap>
            <Text size="small" color="color.text.subtle">
              {column.title}:
            </Text>
            {content}
          </Inline>
        );
      })}
    </Stack>
  );
}

/** Every word of the search must be somewhere in the item. */
function matches<T>(item: T, columns: readonly Column<T>[], search: string): boolean {
  const text = columns
    .map((column) => column.searchBy?.(item) ?? '')
    .join('\n')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
