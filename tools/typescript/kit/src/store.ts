/**
 * The artifact store and the secrets, by signed requests of `fetch`: aws4fetch is 2 KB where AWS's own client for S3 is
 * a megabyte, and is the one that every runtime can bundle.
 */

import { AwsClient } from "aws4fetch";

/** The store refuses to give an object, or to say that there is none (S3 does, to a role that may not list). */
export class Forbidden extends Error {
  override name = "Forbidden";
}

export interface Objects {
  /** The whole object, or nothing where there is none. Throws `Forbidden`. */
  get(bucket: string, key: string): Promise<Uint8Array | undefined>;
  put(bucket: string, key: string, data: Uint8Array, mediaType: string): Promise<void>;
}

const SECRET_LIFE_MS = 5 * 60_000;

function client(service: string): AwsClient {
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN, AWS_REGION } = process.env;
  return new AwsClient({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    region: AWS_REGION ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1",
    service,
  });
}

/** S3 as the function's role sees it, or the endpoint that AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names (path style). */
export class S3Objects implements Objects {
  private readonly aws = client("s3");

  async get(bucket: string, key: string): Promise<Uint8Array | undefined> {
    const response = await this.aws.fetch(url(bucket, key));
    if (response.status === 404 && (await response.text()).includes("NoSuchKey")) return undefined;
    if (response.status === 403) throw new Forbidden(`The function's role may not read s3://${bucket}/${key}`);
    if (!response.ok) throw unserved(bucket, key, response);
    return new Uint8Array(await response.arrayBuffer());
  }

  async put(bucket: string, key: string, data: Uint8Array, mediaType: string): Promise<void> {
    const headers = { "content-type": mediaType };
    const response = await this.aws.fetch(url(bucket, key), { method: "PUT", body: data, headers });
    if (!response.ok) throw unserved(bucket, key, response);
  }
}

function url(bucket: string, key: string): string {
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"];
  const path = key.split("/").map(encodeURIComponent).join("/");
  const region = process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
  return endpoint ? `${endpoint}/${bucket}/${path}` : `https://${bucket}.s3.${region}.amazonaws.com/${path}`;
}

/** Tells of the object, not the store's own words: they can hold a signature. */
function unserved(bucket: string, key: string, response: Response): Error {
  return new Error(`The artifact store did not serve s3://${bucket}/${key} (HTTP ${response.status})`);
}

const kept = new Map<string, { value: string; since: number }>();

/**
 * The text of a secret that tool.json lists: the environment variable of that name where it is set (on a laptop), else
 * the Secrets Manager secret that `<name>_SECRET_ARN` names, asked for again after five minutes.
 */
export async function secret(name: string, now: () => number = Date.now): Promise<string> {
  const value = process.env[name];
  if (value) return value;
  const arn = process.env[`${name}_SECRET_ARN`];
  if (!arn) throw new Error(`${name} is not set: put it into the environment or .env (${name}_SECRET_ARN on AWS).`);
  const found = kept.get(arn);
  if (found && now() - found.since < SECRET_LIFE_MS) return found.value;
  const fetched = { value: await fetchSecret(arn), since: now() };
  kept.set(arn, fetched);
  return fetched.value;
}

async function fetchSecret(arn: string): Promise<string> {
  const region = arn.split(":")[3];
  const endpoint = process.env["AWS_ENDPOINT_URL"] ?? `https://secretsmanager.${region}.amazonaws.com`;
  const response = await client("secretsmanager").fetch(`${endpoint}/`, {
    method: "POST",
    body: JSON.stringify({ SecretId: arn }),
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" },
  });
  const answer = response.ok ? ((await response.json()) as { SecretString?: string }) : {};
  const advice = "check that it is a text, and that the function's role may read it";
  if (answer.SecretString === undefined) throw new Error(`The secret '${arn}' cannot be read: ${advice}.`);
  return answer.SecretString;
}
