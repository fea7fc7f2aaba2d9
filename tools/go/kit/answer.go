package stepsmith

import (
	"bytes"
	"encoding/json"
)

// Answer is what a tool function gives: Text, JSON, Table, Picture, File, or several of them as Parts.
type Answer interface{ parts() []Answer }

// Text is plain text.
type Text string

// JSON is any value that encoding/json can write.
type JSON struct{ Value any }

// Table is rows under columns whose names differ. The model sees a page of it; all of it is kept.
type Table struct {
	Columns []string
	Rows    [][]any
	// Facts are more keys of the table's JSON text.
	Facts map[string]any
}

// Picture goes to the artifact store; the model gets a reference. Name is a file name, not used twice in one answer.
type Picture struct {
	Data      []byte
	Name      string
	MediaType string
}

// File is any other file, like Picture.
type File struct {
	Data      []byte
	Name      string
	MediaType string
}

// Parts are several answers as one, in order.
type Parts []Answer

func (a Text) parts() []Answer    { return []Answer{a} }
func (a JSON) parts() []Answer    { return []Answer{a} }
func (a Table) parts() []Answer   { return []Answer{a} }
func (a Picture) parts() []Answer { return []Answer{a} }
func (a File) parts() []Answer    { return []Answer{a} }

func (a Parts) parts() (all []Answer) {
	for _, part := range a {
		all = append(all, part.parts()...)
	}
	return all
}

// ToolError is for the model: a bad input, a vendor's 404. Its text says what to change.
type ToolError string

func (e ToolError) Error() string { return string(e) }

// compact is a value as JSON without blanks and without escapes that JSON does not need. Values that JSON cannot hold are
// bugs of the tool; encoded is the same with the error.
func compact(value any) string {
	text, err := encoded(value)
	if err != nil {
		return err.Error()
	}
	return text
}

func encoded(value any) (string, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	text := bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
	// encoding/json escapes these two for JavaScript's sake; both readers count them as they are.
	text = bytes.ReplaceAll(text, []byte(`\u2028`), []byte("\u2028"))
	text = bytes.ReplaceAll(text, []byte(`\u2029`), []byte("\u2029"))
	return string(text), nil
}
