/** The JSON Schema of `tidemark.yaml`: for editors, for the reference page, and for naming the key that was meant. */
import { z } from 'zod';
import { optionsSchema } from './schema.js';

/** The parts of JSON Schema that this one uses. */
export interface JsonSchemaNode {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchemaNode;
  readonly items?: JsonSchemaNode;
  readonly anyOf?: readonly JsonSchemaNode[];
}

/** Draft 2020-12, of what is written in the file (before defaults are filled in). */
export function configJsonSchema(): JsonSchemaNode {
  return z.toJSONSchema(optionsSchema, { io: 'input', target: 'draft-2020-12' }) as JsonSchemaNode;
}
