package stepsmith

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// secretLife is for how long a secret from Secrets Manager is kept: a rotated one comes through after it.
const secretLife = 5 * time.Minute

// Secret is the text of a secret that tool.json lists: the environment variable of that name where it is set (on a
// laptop), else the Secrets Manager secret that <name>_SECRET_ARN names. An error says where to put it.
func Secret(ctx context.Context, name string) (string, error) {
	if value := os.Getenv(name); value != "" {
		return value, nil
	}
	arn := os.Getenv(name + "_SECRET_ARN")
	if arn == "" {
		return "", fmt.Errorf("%s is not set: put it into the environment or .env (%s_SECRET_ARN on AWS)", name, name)
	}
	return keptSecrets.get(ctx, arn)
}

type keptSecret struct {
	value string
	since time.Time
}

type secretKeeper struct {
	mutex  sync.Mutex
	values map[string]keptSecret
	fetch  func(ctx context.Context, arn string) (string, error)
	now    func() time.Time
}

var keptSecrets = &secretKeeper{values: map[string]keptSecret{}, fetch: fetchSecret, now: time.Now}

func (k *secretKeeper) get(ctx context.Context, arn string) (string, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	now := k.now()
	if kept, there := k.values[arn]; there && now.Sub(kept.since) < secretLife {
		return kept.value, nil
	}
	value, err := k.fetch(ctx, arn)
	if err == nil {
		k.values[arn] = keptSecret{value, now}
	}
	return value, err
}

func fetchSecret(ctx context.Context, arn string) (string, error) {
	options := secretsmanager.Options{
		Region:      first(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		Credentials: aws.CredentialsProviderFunc(roleCredentials),
	}
	if endpoint := first(os.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"), os.Getenv("AWS_ENDPOINT_URL")); endpoint != "" {
		options.BaseEndpoint = &endpoint
	}
	found, err := secretsmanager.New(options).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil || found.SecretString == nil {
		return "", fmt.Errorf("the secret %q cannot be read: check that it is a text, and that the function's role may "+
			"read it", arn)
	}
	return *found.SecretString, nil
}
