// The tool Lambda web_research: it researches companies on the web through Perplexity.
package main

import (
	"os"

	stepsmith "stepsmith/tools/kit"
	"stepsmith/tools/web_research/research"
)

func main() {
	researcher := research.Over(os.Getenv("PERPLEXITY_BASE_URL"), os.Getenv("PERPLEXITY_MODEL"))
	stepsmith.Serve(stepsmith.Tools{"research_company": stepsmith.Tool(researcher.Company)})
}
