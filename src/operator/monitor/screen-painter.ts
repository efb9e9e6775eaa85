/** Paints frames on a screen, as fast as it takes them and no faster than people see. */
import { after, type Clock, milliseconds } from '../../core/time.ts';
import type { Frame } from './frame.ts';
import { paint } from './paint.ts';

/** Between two frames: what happens meanwhile is painted together. */
const FRAME_PAUSE = milliseconds(20);

export interface PainterContext {
  readonly clock: Clock;
  /** What is to be seen now. */
  readonly frame: () => Frame;
  /** Resolves when the screen has taken it. */
  readonly write: (text: string) => Promise<void>;
  /** Told of what goes wrong in `frame` and `write`. */
  readonly fail: (error: unknown) => void;
}

export class ScreenPainter {
  readonly #context: PainterContext;
  #shown: Frame | null = null;
  #wanted = false;
  #painting = false;

  constructor(context: PainterContext) {
    this.#context = context;
  }

  /** The frame may have changed. */
  request(): void {
    this.#wanted = true;
    if (this.#painting) return;
    this.#painting = true;
    this.#paint().catch(this.#context.fail);
  }

  /** The screen may show anything. */
  forget(): void {
    this.#shown = null;
    this.request();
  }

  async #paint(): Promise<void> {
    const { frame, write, clock } = this.#context;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        const next = frame();
        const text = paint(this.#shown, next);
        this.#shown = next;
        // A slow line gets the newest frame next, not all those in between.
        if (text !== '') await write(text);
        await new Promise<void>((resolve) => clock.at(after(clock.now(), FRAME_PAUSE), resolve));
      }
    } finally {
      this.#painting = false;
    }
  }
}
