package stepsmith

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ErrNoObject is Get's error for an object that is not there.
var ErrNoObject = errors.New("there is no such object")

// ErrForbidden is Get's error for an object that the function's role may not read, and for one that is not there where the
// role may not list the bucket.
var ErrForbidden = errors.New("the function may not read the object")

// Objects is the artifact store.
type Objects interface {
	Get(ctx context.Context, bucket, key string) ([]byte, error)
	Put(ctx context.Context, bucket, key string, data []byte, mediaType string) error
}

// s3Objects is S3 as the function's role sees it, or the endpoint that AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names.
// The role's credentials lie in the environment for as long as the process lives, so the SDK's search for others, and the
// half of its code that does it, is left out.
type s3Objects struct{ client func() *s3.Client }

func newS3Objects() Objects { return s3Objects{sync.OnceValue(newClient)} }

func newClient() *s3.Client {
	endpoint := first(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"))
	options := s3.Options{
		Region:                     first(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		Credentials:                aws.CredentialsProviderFunc(roleCredentials),
		UsePathStyle:               endpoint != "",
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if endpoint != "" {
		options.BaseEndpoint = &endpoint
	}
	return s3.New(options)
}

func roleCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
	}, nil
}

func (o s3Objects) Get(ctx context.Context, bucket, key string) ([]byte, error) {
	found, err := o.client().GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, ErrNoObject
	}
	var refused *http.ResponseError
	if errors.As(err, &refused) && refused.HTTPStatusCode() == 403 {
		return nil, ErrForbidden
	}
	if err != nil {
		return nil, unserved(bucket, key, err)
	}
	defer found.Body.Close()
	return io.ReadAll(found.Body)
}

func (o s3Objects) Put(ctx context.Context, bucket, key string, data []byte, mediaType string) error {
	input := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(data), ContentType: &mediaType}
	if _, err := o.client().PutObject(ctx, input); err != nil {
		return unserved(bucket, key, err)
	}
	return nil
}

// unserved tells of the object, not the store's own words: they can hold a signature.
func unserved(bucket, key string, err error) error {
	return fmt.Errorf("the artifact store did not serve s3://%s/%s (%T)", bucket, key, errors.Unwrap(err))
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
