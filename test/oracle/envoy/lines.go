package envoy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// AnswerLines answers questions, one a line of JSON, by one line each, until the input ends. What can't be read as a
// question, failed makes an answer of.
func AnswerLines[Q, A any](in io.Reader, out io.Writer, answerTo func(Q) A, failed func(error) A) {
	input := bufio.NewReaderSize(in, 1<<20)
	answers := json.NewEncoder(out)
	for {
		line, err := input.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var q Q
			var made A
			if problem := json.Unmarshal(line, &q); problem != nil {
				made = failed(problem)
			} else {
				made = answerTo(q)
			}
			if problem := answers.Encode(made); problem != nil {
				fmt.Fprintln(os.Stderr, problem)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}
