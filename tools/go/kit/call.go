package stepsmith

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// Call is one call of one tool, as its function sees it.
//
// EffectID names the logical call: a repeat carries the same one. Deadline is the earlier of the run's and the
// function's own; the function's context ends with it.
type Call struct {
	Name, ID, EffectID, RunID, Agent string
	Turn                             int64
	Deadline                         time.Time
	MaxResultBytes                   int

	artifacts location
	objects   Objects
}

// Read gives the file of this run that a reference from the model means: an s3:// URI. A ToolError where it may not be
// read, or is not there.
func (c *Call) Read(ctx context.Context, uri string) ([]byte, error) {
	at, fits := parseLocation(uri)
	if !fits || !at.isUnder(c.artifacts) {
		return nil, ToolError(fmt.Sprintf("'%s' is not one of this run's files. Use a reference exactly as a result of "+
			"this run gives it; they begin with '%s'.", uri, c.artifacts))
	}
	data, err := c.objects.Get(ctx, at.bucket, at.key)
	const advice = "Use a reference that a result of this run gives."
	switch {
	case errors.Is(err, ErrNoObject):
		return nil, ToolError(fmt.Sprintf("There is no file '%s'. %s", at, advice))
	case errors.Is(err, ErrForbidden):
		return nil, ToolError(fmt.Sprintf("There is no file '%s' (or this function may not read it). %s", at, advice))
	}
	return data, err
}

// ReadKey is Read for a reference that comes as bucket and key.
func (c *Call) ReadKey(ctx context.Context, bucket, key string) ([]byte, error) {
	if strings.Contains(bucket, "/") { // It would move part of the key.
		bucket += "//"
	}
	return c.Read(ctx, "s3://"+bucket+"/"+key)
}

var unplain = regexp.MustCompile(`[%?#\\\x00-\x1f\x7f]`)

// place is where a file of this call goes: chart.png becomes <artifacts>chart-1a2b3c4d.png. The digits come from the
// effect id, so another call never overwrites it, and a repeat of this one does.
func (c *Call) place(name string) (location, error) {
	plain := unplain.ReplaceAllString(name, "_")
	if plain == "" || plain == "." || plain == ".." || strings.Contains(plain, "/") {
		return location{}, fmt.Errorf("%q is no file name; give one without folders", name)
	}
	suffix := path.Ext(plain)
	if suffix == plain { // .profile has no suffix
		suffix = ""
	}
	mark := sha256.Sum256([]byte(c.EffectID))
	file := fmt.Sprintf("%s-%x%s", strings.TrimSuffix(plain, suffix), mark[:4], suffix)
	return location{c.artifacts.bucket, c.artifacts.key + file}, nil
}

// location is an object, or a prefix of objects, in plain spelling: no percent-encoding, no empty, "." or ".." step.
type location struct{ bucket, key string }

func (l location) String() string { return "s3://" + l.bucket + "/" + l.key }

var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func parseLocation(uri string) (location, bool) {
	rest, isS3 := strings.CutPrefix(uri, "s3://")
	bucket, key, _ := strings.Cut(rest, "/")
	if !isS3 || !bucketName.MatchString(bucket) || key == "" || unplain.MatchString(key) {
		return location{}, false
	}
	for _, step := range strings.Split(strings.TrimSuffix(key, "/"), "/") {
		if step == "" || step == "." || step == ".." {
			return location{}, false
		}
	}
	return location{bucket, key}, true
}

// isUnder says whether it is an object below a prefix.
func (l location) isUnder(prefix location) bool {
	below := strings.HasPrefix(l.key, prefix.key) && l.key != prefix.key
	return l.bucket == prefix.bucket && below && !strings.HasSuffix(l.key, "/")
}
