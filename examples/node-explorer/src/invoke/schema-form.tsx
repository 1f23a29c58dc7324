import { type ControlProps, Field } from '../ui/field.tsx';
import type { FieldValue, FieldValues, FormField } from './schema.ts';

interface Props {
  readonly fields: readonly FormField[];
  readonly values: FieldValues;
  readonly onChange: (values: FieldValues) => void;
}

/** The inputs of an object schema. */
export function SchemaForm({ fields, values, onChange }: Props) {
  return (
    <div className="inputs">
      {fields.map((field) => (
        <Field key={field.name} label={field.name} hint={field.isRequired ? field.description : 'optional'}>
          {(control) => (
            <Input
              control={control}
              field={field}
              value={values[field.name] ?? ''}
              onChange={(value) => onChange({ ...values, [field.name]: value })}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

interface InputProps {
  readonly control: ControlProps;
  readonly field: FormField;
  readonly value: FieldValue;
  readonly onChange: (value: FieldValue) => void;
}

function Input({ control, field: { kind, choices, isRequired }, value, onChange }: InputProps) {
  if (kind === 'boolean') {
    return (
      <input
        {...control}
        type="checkbox"
        checked={value === true}
        onChange={(event) => onChange(event.target.checked)}
      />
    );
  }
  if (kind === 'choice') {
    return (
      <select
        {...control}
        required={isRequired}
        value={String(value)}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="" />
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  return (
    <input
      {...control}
      type={kind === 'text' ? 'text' : 'number'}
      step={kind === 'integer' ? 1 : 'any'}
      required={isRequired}
      value={String(value)}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
