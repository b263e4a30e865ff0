/** Numbers and markup of the profile's page. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in an element or an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

/** JSON as it may stand in a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Whole ms from 100 on, tenths below. */
export function msText(ms: number): string {
  return ms >= 100 ? WHOLE.format(ms) : FINE.format(ms);
}

/** `12.3 MB`, decimal as in the documentation. */
export function bytesText(bytes: number): string {
  if (bytes < 1e3) return `${WHOLE.format(bytes)} B`;
  if (bytes < 1e6) return `${FINE.format(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${FINE.format(bytes / 1e6)} MB` : `${FINE.format(bytes / 1e9)} GB`;
}

export function percentText(share: number): string {
  return `${FINE.format(share * 100)} %`;
}

export interface TableColumn {
  readonly head: string;
  /** Said to a reader who points at the head. */
  readonly hint?: string;
  readonly isNumber?: boolean;
}

/** Cells are markup. The first column heads its row; a row named in `strong` is set in bold. */
export function tableHtml(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  strong: ReadonlySet<number> = new Set(),
): string {
  const classOf = ({ isNumber }: TableColumn) => (isNumber ? ' class="n"' : '');
  const head = columns.map((column) => {
    const hint = column.hint === undefined ? '' : ` title="${escapeHtml(column.hint)}"`;
    return `<th scope="col"${classOf(column)}${hint}>${escapeHtml(column.head)}</th>`;
  });
  const body = rows.map((cells, row) => {
    const [first, ...rest] = cells.map((cell, i) =>
      i === 0 ? `<th scope="row">${cell}</th>` : `<td${classOf(columns[i]!)}>${cell}</td>`,
    );
    return `<tr${strong.has(row) ? ' class="strong"' : ''}>${first}${rest.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}
