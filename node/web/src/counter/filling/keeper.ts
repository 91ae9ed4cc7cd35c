// Keeps the draft on the box: after every field, with patience, and files in their own right.
import { shallowRef } from 'vue';
import { drafts as api } from '../../shared/api';
import type { DraftPut } from '../../shared/api/types';
import { isCode, sentence } from '../../shared/state/failure';
import { boxNow } from '../../shared/state/session';

const SETTLE_MS = 250; // the longest that what was typed waits for more of it, however fast somebody types
const RETRY_MS_FIRST = 1000;
const RETRY_MS_MAX = 15_000;

export type Kept = 'none' | 'saving' | 'saved' | 'unsaved';

export class DraftKeeper {
  readonly state = shallowRef<Kept>('none');
  /** Box time of the last save; 0 before. */
  readonly savedAt = shallowRef(0);
  /** Why the box does not take it, where trying again will not help for now. */
  readonly refusal = shallowRef('');
  /** Names of files that are not on the box yet. */
  readonly waitingFiles = shallowRef<ReadonlySet<string>>(new Set());

  private pending: DraftPut | null = null;
  private readonly files = new Map<string, File | null>(); // null: to be removed
  private readonly onBox = new Set<string>();
  private timer = 0;
  private dueAt = Infinity;
  private busy: Promise<void> | null = null;
  private retryMs = RETRY_MS_FIRST;
  private closed = false;

  constructor(readonly draft: string) {}

  /** Takes the draft as it stands now; it is on the box a moment later. */
  note(next: DraftPut): void {
    if (this.closed) return;
    this.pending = next;
    this.wake(SETTLE_MS);
  }

  /** The draft as it stands is no document: the one before stays on the box, and the person is told. */
  cannotKeep(): void {
    if (!this.closed) this.state.value = 'unsaved';
  }

  /** A field was left: what it holds is complete, and waits for nothing. */
  hurry(): void {
    if (this.pending && !this.closed) this.wake(0);
  }

  /** A restored draft: these files of it are on the box. */
  has(names: readonly string[]): void {
    for (const name of names) this.onBox.add(name);
  }
  keepFile(file: File): void {
    this.setFile(file.name, file);
  }
  /** A file that the draft never had, but the dossier it edits, is nothing to remove. */
  dropFile(name: string): void {
    if (this.onBox.has(name) || this.files.has(name)) this.setFile(name, null);
  }

  /** Waits until everything has been tried once; true when all of it is on the box. */
  async flush(): Promise<boolean> {
    this.sleep();
    while (this.busy) await this.busy;
    if (this.hasWork()) await this.work();
    return !this.hasWork();
  }

  /** The page is being hidden or closed: the browser finishes this request even then, for up to 64 KiB of it. */
  lastWord(): void {
    if (!this.pending || this.closed) return;
    const body = this.pending;
    void api.save(this.draft, body, true).then(() => this.pending === body && (this.pending = null)).catch(() => undefined);
  }

  /** The draft was sent, or is somebody else's now: nothing more is written. */
  close(): void {
    this.closed = true;
    this.sleep();
    this.pending = null;
    this.files.clear();
  }

  private setFile(name: string, file: File | null): void {
    if (this.closed) return;
    this.files.set(name, file);
    this.publish();
    this.wake(0);
  }
  private publish(): void {
    this.waitingFiles.value = new Set([...this.files].filter(([, file]) => file !== null).map(([name]) => name));
  }
  private hasWork(): boolean {
    return !this.closed && (this.pending !== null || this.files.size > 0);
  }
  /** Only ever earlier than what is set already: who types without a pause is saved all the same. */
  private wake(delay: number): void {
    const at = performance.now() + delay;
    if (at >= this.dueAt) return;
    this.sleep();
    this.dueAt = at;
    this.timer = window.setTimeout(() => {
      this.dueAt = Infinity;
      void this.work();
    }, delay);
  }
  private sleep(): void {
    clearTimeout(this.timer);
    this.dueAt = Infinity;
  }

  private work(): Promise<void> {
    if (this.busy) return this.busy;
    this.busy = this.writeAll().finally(() => {
      this.busy = null;
    });
    return this.busy;
  }

  private async writeAll(): Promise<void> {
    try {
      while (this.hasWork()) {
        this.state.value = 'saving';
        await this.writeOne();
      }
      this.retryMs = RETRY_MS_FIRST;
      if (!this.closed) this.state.value = 'saved';
    } catch (error) {
      this.state.value = 'unsaved';
      this.refusal.value = isCode(error, 'not_ready') ? sentence(error) : '';
      this.wake(this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
    }
  }

  // The XML goes first: the box ties files to a draft it knows.
  private async writeOne(): Promise<void> {
    const body = this.pending;
    if (body) {
      const { saved } = await api.save(this.draft, body);
      if (this.pending === body) this.pending = null;
      this.savedAt.value = saved || boxNow();
      return;
    }
    const [name, file] = this.files.entries().next().value!;
    if (file) {
      this.onBox.add(name); // from here on it may be there, whatever the answer
      await api.saveFile(this.draft, name, file);
    } else if (!this.onBox.has(name)) return this.filed(name, file);
    else await api.removeFile(this.draft, name).catch((error: unknown) => {
      if (!isCode(error, 'not_found')) throw error; // it never got there
    });
    this.filed(name, file);
  }

  private filed(name: string, file: File | null): void {
    if (this.files.get(name) === file) this.files.delete(name);
    this.publish();
  }
}
