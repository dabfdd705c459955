/**
 * The frame that Ink lays out: footer, filter line, menus, help, and the notice that the screen is too small. The header,
 * the list and the detail change with every report, so they are regions over this frame (see terminal-screen.ts) and
 * their rows are left empty here. React works only when the user does something.
 */
import { Box, render, Text } from 'ink';
import type { ReactElement } from 'react';
import type { TerminalInput } from './terminal/terminal-input.js';
import type { Screen } from './terminal/terminal-screen.js';

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

/** The frame on the screen. */
export interface Frame {
  /** Draws it anew: it is in the screen when this returns. */
  show(chrome: ChromeProps): void;
  end(): void;
  /** Rejects with the error of a component, which ends Ink; else resolves at the end. */
  failed: Promise<unknown>;
}

/** Draws the frame into the screen. */
export function showFrame(screen: Screen, stdin: TerminalInput, chrome: ChromeProps): Frame {
  const ink = render(<App {...chrome} />, {
    stdout: screen as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    // Each write is one whole frame, unthrottled, without erase codes.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  return {
    show: (next) => ink.rerender(<App {...next} />),
    end: () => ink.unmount(),
    failed: ink.waitUntilExit(),
  };
}

function App(props: ChromeProps): ReactElement {
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
