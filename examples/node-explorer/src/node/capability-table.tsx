import type { ActionDescriptor } from '@bizfirst/ancp-core';

interface Props {
  readonly actions: readonly ActionDescriptor[];
  readonly chosen: string | undefined;
  readonly onChoose: (action: ActionDescriptor) => void;
}

/** What the node offers; a row's button chooses the action to call. */
export function CapabilityTable({ actions, chosen, onChoose }: Props) {
  return (
    <div className="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Action</th>
            <th scope="col">Pattern</th>
            <th scope="col" className="number">
              Price
            </th>
          </tr>
        </thead>
        <tbody>
          {actions.map((descriptor) => (
            <tr key={descriptor.action} className={descriptor.action === chosen ? 'chosen' : undefined}>
              <th scope="row">
                <button
                  type="button"
                  className="quiet mono choose-action"
                  aria-pressed={descriptor.action === chosen}
                  onClick={() => onChoose(descriptor)}
                >
                  {descriptor.action}
                </button>
              </th>
              <td>
                <span className={`badge ${descriptor.pattern}`}>{descriptor.pattern}</span>
              </td>
              <td className={descriptor.priceUsdc ? 'number' : 'number muted'}>
                {descriptor.priceUsdc ? `${descriptor.priceUsdc} USDC` : 'free'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
