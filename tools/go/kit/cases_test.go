package stepsmith

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The cases that the kits of all languages must pass; README.md there explains them.
const cases = "../../../tests/contracts/tool_calls"

type object = map[string]any

type memory map[string][]byte

func (m memory) Get(_ context.Context, bucket, key string) ([]byte, error) {
	if data, there := m["s3://"+bucket+"/"+key]; there {
		return data, nil
	}
	return nil, ErrNoObject
}

// forbidding is a store that refuses to read some objects.
type forbidding struct {
	memory
	uris []any
}

func (f forbidding) Get(ctx context.Context, bucket, key string) ([]byte, error) {
	if slices.Contains(f.uris, any("s3://"+bucket+"/"+key)) {
		return nil, ErrForbidden
	}
	return f.memory.Get(ctx, bucket, key)
}

func (m memory) Put(_ context.Context, bucket, key string, data []byte, _ string) error {
	m["s3://"+bucket+"/"+key] = data
	return nil
}

var conformance = Tools{
	"echo": Tool(func(_ context.Context, in struct {
		Text  string
		Times int
	}, _ *Call) (Answer, error) {
		return Text(strings.Repeat(in.Text, max(in.Times, 1))), nil
	}),
	"data": Tool(func(_ context.Context, in struct{ Value json.RawMessage }, _ *Call) (Answer, error) {
		return JSON{in.Value}, nil
	}),
	"table": Tool(func(_ context.Context, in struct {
		Columns []string
		Rows    [][]any
		Repeat  int
	}, _ *Call) (Answer, error) {
		table := Table{Columns: in.Columns}
		for range max(in.Repeat, 1) {
			table.Rows = append(table.Rows, in.Rows...)
		}
		return table, nil
	}),
	"read": Tool(func(ctx context.Context, in struct {
		File, Bucket, Key string
	}, call *Call) (Answer, error) {
		read := func() ([]byte, error) { return call.Read(ctx, in.File) }
		if in.Bucket != "" {
			read = func() ([]byte, error) { return call.ReadKey(ctx, in.Bucket, in.Key) }
		}
		data, err := read()
		return Text(data), err
	}),
	"draw": Tool(func(_ context.Context, in struct {
		Name   string
		Base64 []byte
	}, _ *Call) (Answer, error) {
		return Picture{in.Base64, in.Name, "image/png"}, nil
	}),
	"refuse": Tool(func(_ context.Context, in struct{ Advice string }, _ *Call) (Answer, error) {
		return nil, ToolError(in.Advice)
	}),
	"crash": Tool(func(context.Context, struct{}, *Call) (Answer, error) { return nil, errors.New("a bug") }),
}

func TestTheKitAnswersAsTheCasesSay(t *testing.T) {
	for _, group := range []string{"results", "spilled", "references", "errors", "malformed"} {
		for _, each := range fromFile(t, group+".json").(object)["cases"].([]any) {
			each := each.(object)
			t.Run(group+": "+each["name"].(string), func(t *testing.T) { check(t, each) })
		}
	}
}

func check(t *testing.T, each object) {
	store := memory{}
	for uri, text := range orEmpty(each["objects"]) {
		store[uri] = []byte(text.(string))
	}
	before := maps.Clone(store)
	description, err := os.ReadFile(filepath.Join(cases, "tool.json"))
	must(t, err)
	forbidden, _ := each["forbidden"].([]any)
	server, err := NewServer(description, conformance, forbidding{store, forbidden})
	must(t, err)
	event := filled(t, each["event"])
	answer, err := server.Invoke(t.Context(), []byte(compact(event)))
	if expected, isError := each["error"].(object); isError {
		checkError(t, expected, err)
	} else {
		must(t, err)
		checkResult(t, each["result"], answer, event.(object))
	}
	checkStored(t, each["stored"].(object), before, store)
}

func checkError(t *testing.T, expected object, err error) {
	if err == nil {
		t.Fatalf("no error; expected %v", expected)
	}
	var contract *ContractError
	if expected["type"] == "ContractError" && !errors.As(err, &contract) {
		t.Errorf("%T is no ContractError", err)
	}
	if !matches(expected["message"], err.Error()) {
		t.Errorf("%q is not as expected: %v", err, expected["message"])
	}
}

func checkResult(t *testing.T, expected any, answer []byte, event object) {
	result := decodedValue(t, answer)
	if !matches(expected, result) {
		t.Errorf("%s\nis not as expected:\n%s", answer, compact(expected))
	}
	if most := event["context"].(object)["max_result_bytes"].(float64); len(answer) > int(most) {
		t.Errorf("%d bytes are over the budget of %v", len(answer), most)
	}
}

func checkStored(t *testing.T, expected object, before, store memory) {
	for uri, data := range store {
		if reflect.DeepEqual(before[uri], data) {
			continue
		}
		var actual any = string(data)
		if worded, described := expected[uri].(object); described && worded["base64"] != nil {
			actual = object{"base64": base64.StdEncoding.EncodeToString(data)}
		} else if described {
			actual = object{"json": decodedValue(t, data)}
		}
		if !matches(expected[uri], actual) {
			t.Errorf("stored %s: %.200v is not as expected", uri, actual)
		}
	}
	for uri := range expected {
		if _, there := store[uri]; !there {
			t.Errorf("%s is not stored", uri)
		}
	}
}

// matches says whether a value is as expected; strings may be described (README.md).
func matches(expected, actual any) bool {
	if expected == "$any" {
		return true
	}
	described, isObject := expected.(object)
	text, isText := actual.(string)
	switch {
	case isObject && described["$json"] != nil:
		var value any
		return isText && json.Unmarshal([]byte(text), &value) == nil && matches(described["$json"], value)
	case isObject && (described["$starts"] != nil || described["$contains"] != nil):
		return isText && startsAndContains(described, text)
	case isObject:
		return sameKeys(described, actual)
	}
	items, isArray := expected.([]any)
	given, areItems := actual.([]any)
	if !isArray || !areItems {
		return reflect.DeepEqual(expected, actual)
	}
	same := len(items) == len(given)
	for index := 0; same && index < len(items); index++ {
		same = matches(items[index], given[index])
	}
	return same
}

func startsAndContains(described object, text string) bool {
	start, _ := described["$starts"].(string)
	parts, _ := described["$contains"].([]any)
	all := strings.HasPrefix(text, start)
	for _, part := range parts {
		all = all && strings.Contains(text, part.(string))
	}
	return all
}

func sameKeys(expected object, actual any) bool {
	given, isObject := actual.(object)
	if !isObject || len(expected) != len(given) {
		return false
	}
	for key, value := range expected {
		if each, there := given[key]; !there || !matches(value, each) {
			return false
		}
	}
	return true
}

func filled(t *testing.T, event any) any {
	fields, isObject := event.(object)
	if !isObject {
		return event
	}
	context := fromFile(t, "context.json").(object)
	maps.Copy(context, fields["context"].(object))
	made := maps.Clone(fields)
	made["context"] = context
	return made
}

func fromFile(t *testing.T, name string) any {
	data, err := os.ReadFile(filepath.Join(cases, name))
	must(t, err)
	return decodedValue(t, data)
}

func decodedValue(t *testing.T, data []byte) (value any) {
	must(t, json.Unmarshal(data, &value))
	return value
}

func orEmpty(value any) object {
	made, _ := value.(object)
	return made
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
