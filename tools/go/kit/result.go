package stepsmith

import (
	"context"
	"fmt"
	"maps"
	"sort"
	"unicode/utf8"
)

const (
	plainText   = "text/plain; charset=utf-8"
	jsonText    = "application/json"
	rowsOfAPage = 100
	enoughRows  = 10 // So many rows are worth more than whole cells.
)

var cellWidths = []int{1000, 200, 40} // Characters of a cell, tried in this order.

// block and result are the contract's tool_result.
type block struct {
	Type      string  `json:"type"`
	Text      *string `json:"text,omitempty"`
	URI       string  `json:"uri,omitempty"`
	MediaType string  `json:"media_type,omitempty"`
	Title     string  `json:"title,omitempty"`
}

type result struct {
	Type      string  `json:"type"`
	ToolUseID string  `json:"tool_use_id"`
	Name      string  `json:"name"`
	Content   []block `json:"content"`
	IsError   bool    `json:"is_error"`
}

func textBlock(text string) block { return block{Type: "text", Text: &text} }

func size(value any) int { return len(compact(value)) }

// packing makes one result within its budget. Pictures and files always go to the store and cost a reference; the texts
// share what remains, in order. A text over its share is stored whole, as <tool>.txt or <tool>.json, and in its place
// stand a preview, the size and the URI.
type packing struct {
	ctx   context.Context
	call  *Call
	names map[string]bool
}

func pack(ctx context.Context, call *Call, answer Answer, isError bool) (*result, error) {
	p := &packing{ctx, call, map[string]bool{}}
	parts := answer.parts()
	groups := make([][]block, len(parts))
	made := &result{"tool_result", call.ID, call.Name, []block{}, isError}
	texts := 0
	for index, part := range parts {
		kept, isKept, err := p.kept(part)
		if err != nil {
			return nil, err
		}
		groups[index] = kept
		made.Content = append(made.Content, kept...)
		if !isKept {
			texts++
		}
	}
	room := call.MaxResultBytes - size(made)
	for index, part := range parts {
		if groups[index] != nil {
			continue
		}
		told, err := p.told(part, room/texts)
		if err != nil {
			return nil, err
		}
		for _, each := range told {
			room -= size(each) + 1
		}
		groups[index], texts = told, texts-1
	}
	made.Content = made.Content[:0]
	for _, group := range groups {
		made.Content = append(made.Content, group...)
	}
	return made, nil
}

// kept is the reference of a part that is a file.
func (p *packing) kept(part Answer) ([]block, bool, error) {
	switch part := part.(type) {
	case Picture:
		made, err := p.file("image", part.Name, part.Data, part.MediaType)
		return []block{made}, true, err
	case File:
		made, err := p.file("file", part.Name, part.Data, part.MediaType)
		return []block{made}, true, err
	default:
		return nil, false, nil
	}
}

// told is a part's text in at most room bytes, and its file where it does not fit.
func (p *packing) told(part Answer, room int) ([]block, error) {
	switch part := part.(type) {
	case Text:
		return p.text(string(part), "txt", plainText, room)
	case JSON:
		text, err := encoded(part.Value)
		if err != nil {
			return nil, fmt.Errorf("the answer of %s is no JSON: %w", p.call.Name, err)
		}
		return p.text(text, "json", jsonText, room)
	case Table:
		return p.table(part, room)
	default:
		return nil, fmt.Errorf("%T is no answer", part)
	}
}

func (p *packing) text(text, suffix, mediaType string, room int) ([]block, error) {
	if made := textBlock(text); size(made) <= room {
		return []block{made}, nil
	}
	file, err := p.file("file", p.call.Name+"."+suffix, []byte(text), mediaType)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("\n\n[Cut here: this text has %s bytes. All of it is in %s]", thousands(len(text)), file.URI)
	left := room - size(file) - size(textBlock(note)) - 1
	return []block{textBlock(fitting(text, left) + note), file}, nil
}

func (p *packing) table(table Table, room int) ([]block, error) {
	whole, err := tableText(table, table.Facts, table.Rows, true)
	if err != nil {
		return nil, fmt.Errorf("the answer of %s is no JSON: %w", p.call.Name, err)
	}
	if made := textBlock(whole); len(table.Rows) <= rowsOfAPage && size(made) <= room {
		return []block{made}, nil
	}
	file, err := p.file("file", p.call.Name+".json", []byte(whole), jsonText)
	if err != nil {
		return nil, err
	}
	return []block{textBlock(page(table, file.URI, room-size(file)-1)), file}, nil
}

// page is as many rows as fit; cells are shortened only where fewer than ten rows would fit otherwise.
func page(table Table, uri string, room int) string {
	var text string
	for _, width := range append([]int{0}, cellWidths...) {
		shown := sort.Search(min(rowsOfAPage, len(table.Rows)), func(rows int) bool {
			return size(textBlock(pageText(table, uri, rows+1, width))) > room
		})
		text = pageText(table, uri, shown, width)
		if shown >= min(enoughRows, len(table.Rows)) {
			break
		}
	}
	return text
}

func pageText(table Table, uri string, shown, width int) string {
	facts := map[string]any{"rows_shown": shown, "all_rows": uri}
	maps.Copy(facts, table.Facts)
	text, _ := tableText(table, facts, cut(table.Rows[:shown], width), false) // What could be written whole can be cut.
	return text
}

func tableText(table Table, facts map[string]any, rows [][]any, named bool) (string, error) {
	value := map[string]any{"row_count": len(table.Rows), "rows": objects(table.Columns, rows)}
	if named && len(table.Rows) == 0 {
		value["columns"] = table.Columns
	}
	maps.Copy(value, facts)
	return encoded(value)
}

func objects(columns []string, rows [][]any) []map[string]any {
	made := make([]map[string]any, len(rows))
	for index, row := range rows {
		made[index] = make(map[string]any, len(columns))
		for column, name := range columns {
			made[index][name] = row[column]
		}
	}
	return made
}

// cut shortens long cells; 0 is whole.
func cut(rows [][]any, width int) [][]any {
	if width == 0 {
		return rows
	}
	made := make([][]any, len(rows))
	for index, row := range rows {
		made[index] = make([]any, len(row))
		for column, cell := range row {
			made[index][column] = cutCell(cell, width)
		}
	}
	return made
}

func cutCell(cell any, width int) any {
	text, isText := cell.(string)
	if !isText {
		if text = compact(cell); len(text) <= width {
			return cell
		}
	}
	if runes := []rune(text); len(runes) > width {
		return fmt.Sprintf("%s... (%s characters)", string(runes[:width]), thousands(len(runes)))
	}
	return cell
}

func (p *packing) file(kind, name string, data []byte, mediaType string) (block, error) {
	at, err := p.call.place(name)
	if err == nil && p.names[at.key] {
		err = fmt.Errorf("two files of one answer are called %q; give each its own name", name)
	}
	if err == nil {
		p.names[at.key] = true
		err = p.call.objects.Put(p.ctx, at.bucket, at.key, data, mediaType)
	}
	return block{Type: kind, URI: at.String(), MediaType: mediaType, Title: name}, err
}

// fitting is the longest beginning of text that takes at most room bytes as a JSON string.
func fitting(text string, room int) string {
	length := sort.Search(len(text), func(length int) bool { return size(text[:length+1]) > room })
	for length > 0 && length < len(text) && !utf8.RuneStart(text[length]) {
		length--
	}
	return text[:length]
}

// thousands writes 10000 as 10,000.
func thousands(number int) string {
	text := fmt.Sprint(number)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
