package stepsmith

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// ContractError is an event that is no tool call: the caller's defect, told to Lambda. Field is its path.
type ContractError struct{ Field, Problem string }

func (e *ContractError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

// event is the call as it arrives: names and bounds checked, the input not yet.
type event struct {
	name, id       string
	input          map[string]any
	runID, agent   string
	turn           int64
	effectID       string
	artifacts      location
	maxResultBytes int
	deadline       time.Time
}

// fields reads an object's fields and remembers the first problem.
type fields struct {
	object map[string]any
	path   string
	err    *ContractError
}

func (f *fields) fail(name, problem string) {
	if f.err == nil {
		f.err = &ContractError{f.path + name, problem}
	}
}

// wanted gives the field as a T.
func wanted[T any](f *fields, name, kind string) (value T) {
	given, there := f.object[name]
	value, fits := given.(T)
	switch {
	case !there:
		f.fail(name, "is missing")
	case !fits:
		f.fail(name, fmt.Sprintf("%s is needed, not %s", kind, shown(given)))
	}
	return value
}

func (f *fields) text(name string) string { return wanted[string](f, name, "a string") }

func (f *fields) object_(name string) map[string]any {
	return wanted[map[string]any](f, name, "an object")
}

func (f *fields) integer(name string, least int64) int64 {
	number := wanted[json.Number](f, name, "an integer")
	value, err := number.Float64()
	switch {
	case f.err != nil:
	case err != nil || value != math.Trunc(value) || math.Abs(value) > 1<<53:
		f.fail(name, fmt.Sprintf("an integer is needed, not %s", number))
	case int64(value) < least:
		f.fail(name, fmt.Sprintf("at least %d is needed, not %s", least, number))
	}
	return int64(value)
}

// parsed reads an event. Fields that the kit does not know are passed over.
func parsed(data []byte) (*event, error) {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, &ContractError{"", "the event is no JSON"}
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return nil, &ContractError{"", "an object is needed, not " + shown(value)}
	}
	call := &fields{object: object}
	made := &event{name: call.text("name"), id: call.text("id"), input: call.object_("input")}
	context := &fields{object: call.object_("context"), path: "context."}
	if call.err != nil {
		return nil, call.err
	}
	made.readContext(context)
	if context.err != nil {
		return nil, context.err
	}
	return made, nil
}

func (e *event) readContext(context *fields) {
	e.runID, e.agent = context.text("run_id"), context.text("agent")
	e.turn = context.integer("turn", 0)
	e.effectID = context.text("effect_id")
	artifacts := context.text("artifacts")
	e.maxResultBytes = int(context.integer("max_result_bytes", 1))
	deadline := context.text("deadline")
	if context.err != nil {
		return
	}
	var err error
	if e.deadline, err = time.Parse(time.RFC3339, deadline); err != nil {
		context.fail("deadline", fmt.Sprintf("a time like 2026-01-31T12:00:00Z is needed, not %.60q", deadline))
	}
	prefix, fits := parseLocation(artifacts)
	if !fits || !strings.HasSuffix(prefix.key, "/") {
		context.fail("artifacts", fmt.Sprintf("a prefix like s3://bucket/artifacts/ is needed, not %.60q", artifacts))
	}
	e.artifacts = prefix
}

// shown is a wrong value, cut short: it may be long, and nothing of it belongs into a log whole.
func shown(value any) string {
	text := compact(value)
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "..."
	}
	return text
}
