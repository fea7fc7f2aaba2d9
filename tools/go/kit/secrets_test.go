package stepsmith

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestASecretOfTheEnvironmentComesFirst(t *testing.T) {
	t.Setenv("SOME_KEY", "from here")
	t.Setenv("SOME_KEY_SECRET_ARN", "arn:never-asked")
	if value, err := Secret(t.Context(), "SOME_KEY"); value != "from here" || err != nil {
		t.Errorf("%q, %v", value, err)
	}
}

func TestAMissingSecretSaysWhereToPutIt(t *testing.T) {
	if _, err := Secret(t.Context(), "NO_KEY"); err == nil || !strings.Contains(err.Error(), "NO_KEY_SECRET_ARN") {
		t.Error(err)
	}
}

func TestAFetchedSecretIsKeptForFiveMinutes(t *testing.T) {
	now, fetched := time.Now(), 0
	keeper := &secretKeeper{values: map[string]keptSecret{}, now: func() time.Time { return now }}
	keeper.fetch = func(context.Context, string) (string, error) { fetched++; return "value", nil }
	for _, later := range []time.Duration{0, secretLife - 1, 1, secretLife - 1} {
		now = now.Add(later)
		if value, err := keeper.get(t.Context(), "arn"); value != "value" || err != nil {
			t.Fatal(value, err)
		}
	}
	if fetched != 2 {
		t.Errorf("fetched %d times", fetched)
	}
}

func TestAFailureIsNotKept(t *testing.T) {
	keeper := &secretKeeper{values: map[string]keptSecret{}, now: time.Now}
	keeper.fetch = func(context.Context, string) (string, error) { return "", errors.New("denied") }
	if _, err := keeper.get(t.Context(), "arn"); err == nil || len(keeper.values) != 0 {
		t.Error(err, keeper.values)
	}
}
