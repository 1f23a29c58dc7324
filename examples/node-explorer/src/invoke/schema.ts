/** An input of a form. */
export interface FormField {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice';
  readonly isRequired: boolean;
  readonly description: string | undefined;
  readonly choices: readonly string[];
  readonly initial: FieldValue;
}

export type FieldValue = string | boolean;
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** The form of an object schema whose properties are all plain values; undefined for any other schema. */
export function formOf(schema: unknown): readonly FormField[] | undefined {
  if (!isObject(schema) || schema.type !== 'object' || !isObject(schema.properties)) return undefined;
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const fields: FormField[] = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    const field = isObject(property) && fieldOf(name, property, required.includes(name));
    if (!field) return undefined;
    fields.push(field);
  }
  // What must be filled in comes first.
  fields.sort((one, other) => Number(other.isRequired) - Number(one.isRequired));
  return fields.length > 0 ? fields : undefined;
}

function fieldOf(name: string, property: Record<string, unknown>, isRequired: boolean): FormField | undefined {
  const { type, enum: choices, description } = property;
  const kind = kindOf(type, choices);
  if (!kind) return undefined;
  const initial = property.default ?? (Array.isArray(property.examples) ? property.examples[0] : undefined);
  return {
    name,
    kind,
    isRequired,
    description: typeof description === 'string' ? description : undefined,
    choices: Array.isArray(choices) ? choices.map(String) : [],
    initial: kind === 'boolean' ? initial === true : initial === undefined ? '' : String(initial),
  };
}

function kindOf(type: unknown, choices: unknown): FormField['kind'] | undefined {
  if (type === 'string' && Array.isArray(choices)) return 'choice';
  if (choices !== undefined) return undefined;
  if (type === 'string') return 'text';
  return type === 'number' || type === 'integer' || type === 'boolean' ? type : undefined;
}

export function initialValues(fields: readonly FormField[]): FieldValues {
  return Object.fromEntries(fields.map(({ name, initial }) => [name, initial]));
}

/** The payload that the values say. What is optional and empty is left out. */
export function payloadOf(fields: readonly FormField[], values: FieldValues): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const { name, kind, isRequired } of fields) {
    const value = values[name] ?? '';
    if (kind === 'boolean') {
      if (isRequired || value) payload[name] = Boolean(value);
    } else if (value !== '' || (isRequired && kind !== 'number' && kind !== 'integer')) {
      payload[name] = kind === 'number' || kind === 'integer' ? Number(value) : value;
    }
  }
  return payload;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
