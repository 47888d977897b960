import { SelectField } from '../../ui/field.tsx';

const NAMES = [
  { value: 'main', label: 'large' },
  { value: 'sub', label: 'small' },
  { value: 'lite', label: 'for every browser' },
] as const;

/** Which streams, best first: what is not named is not given. */
export function ProfileChoice(props: {
  readonly profiles: readonly string[];
  readonly onChange: (profiles: readonly string[]) => void;
}) {
  const { onChange, profiles } = props;
  return (
    <SelectField
      label="Stream"
      value={profiles.join(',')}
      options={OPTIONS}
      onValue={(chosen) => onChange(chosen === '' ? [] : chosen.split(','))}
      testId="give-profiles"
    />
  );
}

function orders(list: readonly (typeof NAMES)[number][]): (typeof NAMES)[number][][] {
  return list.flatMap((first) => [
    [first],
    ...orders(list.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  ]);
}

const OPTIONS: readonly { readonly value: string; readonly label: string }[] = [
  { value: '', label: 'says nothing' },
  ...orders(NAMES)
    .sort((a, b) => b.length - a.length)
    .map((order) => ({
      value: order.map(({ value }) => value).join(','),
      label: `${order.length === 1 ? 'only ' : ''}${order.map(({ label }) => label).join(', else ')}`,
    })),
];
