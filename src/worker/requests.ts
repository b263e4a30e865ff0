/** Which columns a build plan needs, and in which shape: asked of every input alike. */

import type { ColumnRequest, ColumnShape } from '../decode/columns.js';
import type { FieldType } from '../segment/layout.js';
import type { BuildPlan } from '../shard/task.js';

const SHAPES: Readonly<Record<FieldType, ColumnShape>> = {
  text: 'text',
  keyword: 'keyword',
  i64: 'i64',
  f64: 'f64',
  timestamp: 'timestamp',
  bool: 'bool',
};

/**
 * One request a column. Where several uses meet, the schema's field decides; a key reads a text field's column as it is, and
 * a version reads a numeric field's.
 */
export function columnRequests(plan: BuildPlan): ColumnRequest[] {
  const shapes = new Map<string, ColumnShape>();
  for (const { name, type } of plan.fields) shapes.set(name, SHAPES[type]);
  const add = (name: string | undefined, shape: ColumnShape) => {
    if (name !== undefined && !shapes.has(name)) shapes.set(name, shape);
  };
  add(plan.id, 'keyword');
  add(plan.group, 'keyword');
  add(plan.version?.column, 'version');
  add(plan.deleted, 'bool');
  for (const name of plan.stored) add(name, 'keyword');
  return [...shapes].map(([name, shape]) => ({ name, shape }));
}
