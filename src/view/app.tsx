/**
 * The frame that Ink lays out: footer, filter line, menus, help, and the notice that the screen is too small. The header,
 * the list and the detail change with every report, so they are regions over this frame (see terminal-screen.ts) and
 * their rows are left empty here. React works only when the user does something.
 */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';

/** Everything that Ink draws; equal values draw an equal frame. Texts are ready-made lines. */
export interface ChromeProps {
  columns: number;
  rows: number;
  /** Shown alone, in the middle of the screen; null = the normal frame. */
  notice: string | null;
  /** Empty rows above the body. */
  headerRows: number;
  /** Lines in the body, null when a region covers it. */
  body: readonly string[] | null;
  bodyRows: number;
  panel: readonly string[];
  footer: string;
}

export function App(props: ChromeProps): ReactElement {
  const { columns, rows, notice } = props;
  if (notice !== null) {
    return (
      <Box width={columns} height={rows} justifyContent="center" alignItems="center">
        <Text wrap="truncate">{notice}</Text>
      </Box>
    );
  }
  return (
    <Box width={columns} height={rows} flexDirection="column">
      <Box height={props.headerRows} flexShrink={0} />
      <Box height={props.bodyRows} flexShrink={0} flexDirection="column" overflow="hidden">
        {props.body === null ? null : <Lines lines={props.body} />}
      </Box>
      <Lines lines={props.panel} />
      <Lines lines={[props.footer]} />
    </Box>
  );
}

function Lines({ lines }: { lines: readonly string[] }): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, row) => (
        // A row has no identity but its index.
        // oxlint-disable-next-line react/no-array-index-key
        <Text key={row} wrap="truncate">
          {line === '' ? ' ' : line}
        </Text>
      ))}
    </Box>
  );
}
