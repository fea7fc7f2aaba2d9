/** An object of the artifact store, or a prefix of objects, in plain spelling: no %, no empty, `.` or `..` step. */

export const UNPLAIN = /[%?#\\\x00-\x1f\x7f]/g;

export class Location {
  private constructor(
    readonly bucket: string,
    readonly key: string,
  ) {}

  static parse(uri: string): Location | undefined {
    const [, bucket, key] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]*)\/(.+)$/s.exec(uri) ?? [];
    if (!bucket || !key || key.search(UNPLAIN) >= 0) return undefined;
    const steps = key.replace(/\/$/, "").split("/");
    return steps.some((step) => ["", ".", ".."].includes(step)) ? undefined : new Location(bucket, key);
  }

  get isPrefix(): boolean {
    return this.key.endsWith("/");
  }

  /** Whether it is an object below a prefix. */
  isUnder(prefix: Location): boolean {
    return this.bucket === prefix.bucket && this.key.startsWith(prefix.key) && !this.isPrefix;
  }

  /** The object of that name below this prefix. */
  child(name: string): Location {
    return new Location(this.bucket, this.key + name);
  }

  toString(): string {
    return `s3://${this.bucket}/${this.key}`;
  }
}
