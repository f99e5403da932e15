// The few lines of others' code that are otherwise in the sandbox: exact edits of the pinned versions' files, made anew
// at each build, so that no copy is kept here. An edit that doesn't fit exactly once fails the build.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const apiVersions = readFileSync(join(import.meta.dirname, 'apiVersions.txt'), 'utf8')
  .trim()
  .split('\n');

/** What trace.go hears of an execution. Grounds are what a value rests on: values and included templates. */
const watcher = `
type Watcher interface {
	// Begin and End enclose an execution; what the data rests on.
	Begin(t *Template, wr io.Writer) any
	End()
	// Mark is a point in what has been read; Since, what was read from there on; Take forgets it as well.
	Mark() [2]int
	Since(mark [2]int) any
	Take(mark [2]int) any
	// Rest says that a value with these grounds was read; Inside, that a field of it is going to be.
	Rest(grounds any)
	Inside(grounds any, value reflect.Value)
	Read(from, key reflect.Value)
	Element(grounds any, of, key reflect.Value) any
	Calls(name string, grounds []any)
	Called(name string, args []reflect.Value, grounds []any, result reflect.Value)
	// Written is how much the running execution has written; Wrote, that a node wrote what is behind that.
	Written() int
	Wrote(t *Template, node parse.Node, from int, grounds any)
}

var Watching Watcher
`;

/** By module (or \`std\`) and file: what stands there and what is to stand there instead; a number if not only once. */
const edits = [
  {
    // Each resource has its own and its source's identity until Run takes the build's annotations away.
    module: 'sigs.k8s.io/kustomize/api',
    file: 'krusty/kustomizer.go',
    pairs: [
      ['\tm.RemoveBuildAnnotations()\n', '\tif Built != nil {\n\t\tBuilt(m)\n\t}\n\tm.RemoveBuildAnnotations()\n'],
      [
        '// MakeKustomizer returns',
        '// Built is shown the resources before they lose their annotations.\n' +
          'var Built func(resmap.ResMap)\n\n// MakeKustomizer returns',
      ],
    ],
  },
  {
    // As if each kustomization asked for its resources' origins; what it really asks for decides what is printed.
    module: 'sigs.k8s.io/kustomize/api',
    file: 'internal/target/kusttarget.go',
    pairs: [
      [
        '\tvar origin *resource.Origin\n\tif len(kt.kustomization.BuildMetadata) != 0 {\n',
        '\tvar origin *resource.Origin\n' +
          '\twritten := kt.kustomization.BuildMetadata\n' +
          '\tdefer func() { kt.kustomization.BuildMetadata = written }()\n' +
          '\tif utils.StringSliceContains(written, types.TransformerAnnotations) {\n\t\tisHistoryAsked = true\n\t}\n' +
          '\tkt.kustomization.BuildMetadata = append([]string{types.OriginAnnotations}, written...)\n' +
          '\tif len(kt.kustomization.BuildMetadata) != 0 {\n',
      ],
    ],
  },
  {
    // Who changed what is noted only where that is asked for: each note is YAML that is read and written again.
    module: 'sigs.k8s.io/kustomize/api',
    file: 'internal/target/multitransformer.go',
    pairs: [
      ['\t\tif t.Origin != nil {\n', '\t\tif t.Origin != nil && isHistoryAsked {\n'],
      ['type multiTransformer struct {', 'var isHistoryAsked bool\n\ntype multiTransformer struct {'],
    ],
  },
  {
    // A key changes one file: the others' objects are those of the build before.
    module: 'sigs.k8s.io/kustomize/api',
    file: 'resource/factory.go',
    pairs: [
      [
        'func (rf *Factory) RNodesFromBytes(b []byte) ([]*yaml.RNode, error) {\n',
        'var (\n\tparsed     = map[string][]*yaml.RNode{}\n\tparsedSize int\n)\n\n' +
          'func (rf *Factory) RNodesFromBytes(b []byte) ([]*yaml.RNode, error) {\n' +
          '\tnodes, known := parsed[string(b)]\n' +
          '\tif !known {\n' +
          '\t\tvar err error\n' +
          '\t\tif nodes, err = rf.parse(b); err != nil {\n\t\t\treturn nil, err\n\t\t}\n' +
          '\t\tif parsedSize += len(b); parsedSize > 16<<20 {\n' +
          '\t\t\tclear(parsed)\n\t\t\tparsedSize = len(b)\n\t\t}\n' +
          '\t\tparsed[string(b)] = nodes\n' +
          '\t}\n' +
          '\tcopies := make([]*yaml.RNode, len(nodes))\n' +
          '\tfor i, node := range nodes {\n\t\tcopies[i] = node.Copy()\n\t}\n' +
          '\treturn copies, nil\n}\n\n' +
          'func (rf *Factory) parse(b []byte) ([]*yaml.RNode, error) {\n',
      ],
    ],
  },
  {
    // Nothing is fetched, and without this net/http is a fifth of the program.
    module: 'sigs.k8s.io/kustomize/api',
    file: 'internal/loader/fileloader.go',
    pairs: [
      ['\t"io"\n', ''],
      ['\t"net/http"\n', ''],
      ['\t// Used to load from HTTP\n\thttp *http.Client\n', ''],
      [
        /\tvar hc \*http\.Client\n[^]*?\treturn content, errors\.Wrap\(err\)\n/,
        "\treturn nil, fmt.Errorf(\"%w: '%s' isn't fetched\", ErrHTTP, path)\n",
      ],
    ],
  },
  {
    module: 'sigs.k8s.io/kustomize/api',
    file: 'internal/git/cloner.go',
    pairs: [
      [
        /\tr, err := newCmdRunner\(repoSpec\.Timeout\)\n[^]*?\treturn nil\n\}\n/,
        "\treturn fmt.Errorf(\"remote base '%s' isn't fetched\", repoSpec.Raw())\n}\n",
      ],
      ['import (\n', 'import (\n\t"fmt"\n'],
    ],
  },
  {
    // No cluster is asked, and client-go is most of what Helm brings along.
    module: 'helm.sh/helm/v3',
    file: 'pkg/engine/engine.go',
    pairs: [
      ['\t"k8s.io/client-go/rest"\n', ''],
      ['\t// optional provider of clients to talk to the Kubernetes API\n\tclientProvider *ClientProvider\n', ''],
      [/\/\/ New creates a new instance of Engine [^]*?\n}\n/, ''],
      [/\/\/ RenderWithClient takes [^]*?\n}\n/, ''],
      [/\/\/ RenderWithClientProvider takes [^]*?\n}\n/, ''],
      [/\t\/\/ If we are not linting and have a cluster connection, [^]*?\n\t}\n/, ''],
    ],
  },
  { module: 'helm.sh/helm/v3', file: 'pkg/engine/lookup_func.go', pairs: [[/^[^]+$/, 'package engine\n']] },
  {
    // The API versions that this Helm takes from client-go, as a list.
    module: 'helm.sh/helm/v3',
    file: 'pkg/chartutil/capabilities.go',
    pairs: [
      ['\t"k8s.io/client-go/kubernetes/scheme"\n', ''],
      [/\tapiextensionsv1 "[^]*?v1beta1"\n/, ''],
      [
        /(?<=func allKnownVersions\(\) VersionSet \{\n)[^]*$/,
        `\treturn VersionSet{${apiVersions.map((each) => JSON.stringify(each)).join(', ')}}\n}\n`,
      ],
    ],
  },
  {
    // What a schema refers to elsewhere isn't fetched; Helm takes a name (urn:) that it can't resolve likewise.
    module: 'helm.sh/helm/v3',
    file: 'pkg/chartutil/jsonschema.go',
    pairs: [
      ['\t"crypto/tls"\n', ''],
      ['\t"time"\n', ''],
      ['\t"net/http"\n\n\t"helm.sh/helm/v3/internal/version"\n', ''],
      [
        /\/\/ HTTPURLLoader implements [^]*?(?=\/\/ ValidateAgainstSchema checks)/,
        'var compileDrafts = sync.OnceFunc(jsonschema.CompileDrafts)\n\ntype unfetched struct{}\n\nfunc (unfetched) Load(url string) (any, error) {\n' +
          '\tlog.Printf("WARNING: %s isn\'t fetched; it is taken as allowing everything", url)\n' +
          '\treturn jsonschema.UnmarshalJSON(strings.NewReader("true"))\n}\n\n',
      ],
      ['\tcompiler := jsonschema.NewCompiler()\n', '\tcompileDrafts()\n\tcompiler := jsonschema.NewCompiler()\n'],
      ['"http":  newHTTPURLLoader()', '"http":  unfetched{}'],
      ['"https": newHTTPURLLoader()', '"https": unfetched{}'],
    ],
  },
  {
    // What a release has in a cluster; nobody here has one.
    module: 'helm.sh/helm/v3',
    file: 'pkg/release/info.go',
    pairs: [
      ['\t"k8s.io/apimachinery/pkg/runtime"\n', ''],
      ['[]runtime.Object', '[]any'],
    ],
  },
  {
    module: 'github.com/google/gnostic-models',
    file: 'compiler/reader.go',
    pairs: [
      ['\t"net/http"\n', ''],
      [
        /(?<=func fetchFile\(fileurl string\) \(\[\]byte, error\) \{\n)[^]*?\n\}\n/,
        '\treturn nil, fmt.Errorf("%s isn\'t fetched", fileurl)\n}\n',
      ],
    ],
  },
  {
    module: 'github.com/go-openapi/swag',
    file: 'loading.go',
    pairs: [
      ['\t"io"\n\t"log"\n\t"net/http"\n', ''],
      [
        /(?<=\treturn func\(path string\) \(\[\]byte, error\) \{\n)\t\tclient := &http[^]*?\n\t\}\n/,
        '\t\treturn nil, fmt.Errorf("%s isn\'t fetched", path)\n\t}\n',
      ],
    ],
  },
  {
    module: 'k8s.io/kube-openapi',
    file: 'pkg/validation/spec/ref.go',
    pairs: [
      ['\t"net/http"\n', ''],
      [/\t\trr, err := http\.Get\(v\)\n[^]*?\n\t\}\n/, '\t\treturn false\n\t}\n'],
    ],
  },
  {
    // The drafts of JSON Schema take a quarter of a second to compile: only where a chart has a schema.
    module: 'github.com/santhosh-tekuri/jsonschema/v6',
    file: 'draft.go',
    pairs: [['func init() {\n', 'func CompileDrafts() {\n']],
  },
  {
    // A patch whose target matches nothing is passed over without a word; here it is said.
    module: 'sigs.k8s.io/kustomize/api',
    file: 'internal/builtins/PatchTransformer.go',
    pairs: [
      ['\t"fmt"\n', '\t"fmt"\n\t"log"\n'],
      [
        '\t\treturn errors.Wrap(m.ApplySmPatch(',
        '\t\tif len(selected) == 0 {\n\t\t\tlog.Printf("no resource matches the target of a patch: kind %q, name %q", p.Target.Kind, p.Target.Name)\n\t\t}\n' +
          '\t\treturn errors.Wrap(m.ApplySmPatch(',
      ],
      [
        '\tfor _, res := range resources {\n\t\tres.StorePreviousId()\n',
        '\tif len(resources) == 0 {\n\t\tlog.Printf("no resource matches the target of a patch: kind %q, name %q", p.Target.Kind, p.Target.Name)\n\t}\n' +
          '\tfor _, res := range resources {\n\t\tres.StorePreviousId()\n',
      ],
    ],
  },
  {
    // Without what a monotonic clock adds to a time when it is printed.
    module: 'github.com/Masterminds/sprig/v3',
    file: 'functions.go',
    pairs: [['"now":              time.Now,', '"now":              func() time.Time { return time.Now().Round(0) },']],
  },
  {
    // Who reads what while a template is executed: trace.go hears of it.
    module: 'std',
    file: 'text/template/exec.go',
    pairs: [
      ['\tname  string\n\tvalue reflect.Value\n', '\tname  string\n\tvalue reflect.Value\n\tgrounds any\n'],
      [
        '\tdepth int        // the height of the stack of executing templates.\n',
        '\tdepth int        // the height of the stack of executing templates.\n' +
          '\tdotGrounds any // what dot rests on\n' +
          '\tgrounds any // what variables that are set now rest on\n' +
          '\tfound any // what the variable that was looked up last rests on\n' +
          '\tpiped any // what the value before the pipe rests on\n',
      ],
      ['variable{name, value}', 'variable{name, value, s.grounds}'],
      ['\t\t\ts.vars[i].value = value\n', '\t\t\ts.vars[i].value, s.vars[i].grounds = value, s.grounds\n'],
      [
        '\ts.vars[len(s.vars)-n].value = value\n',
        '\ts.vars[len(s.vars)-n].value, s.vars[len(s.vars)-n].grounds = value, s.grounds\n',
      ],
      ['\t\t\treturn s.vars[i].value\n', '\t\t\ts.found = s.vars[i].grounds\n\t\t\treturn s.vars[i].value\n'],
      [
        '\tdefer errRecover(&err)\n\tvalue, ok := data.(reflect.Value)\n',
        '\tdefer errRecover(&err)\n\tgrounds := Watching.Begin(t, wr)\n\tdefer Watching.End()\n' +
          '\tvalue, ok := data.(reflect.Value)\n',
      ],
      ['[]variable{{"$", value}},\n', '[]variable{{"$", value, grounds}},\n\t\tdotGrounds: grounds,\n'],
      [
        '\t\tval := s.evalPipeline(dot, node.Pipe)\n',
        '\t\tmark := Watching.Mark()\n\t\tval := s.evalPipeline(dot, node.Pipe)\n\t\tgrounds := Watching.Take(mark)\n',
      ],
      [
        '\t\t\ts.printValue(node, val)\n',
        '\t\t\tfrom := Watching.Written()\n\t\t\ts.printValue(node, val)\n\t\t\tWatching.Wrote(s.tmpl, node, from, grounds)\n',
      ],
      [
        /\t\tif _, err := s\.wr\.Write\(node\.Text\); err != nil \{\n\t\t\ts\.writeError\(err\)\n\t\t\}\n/,
        '\t\tfrom := Watching.Written()\n\t\tif _, err := s.wr.Write(node.Text); err != nil {\n\t\t\ts.writeError(err)\n\t\t}\n' +
          '\t\tWatching.Wrote(s.tmpl, node, from, nil)\n',
      ],
      [
        '\tval := s.evalPipeline(dot, pipe)\n\ttruth, ok',
        '\tmark := Watching.Mark()\n\tval := s.evalPipeline(dot, pipe)\n\tgrounds := Watching.Take(mark)\n\ttruth, ok',
      ],
      [
        '\t\t\ts.walk(val, list)\n',
        '\t\t\twas := s.dotGrounds\n\t\t\ts.dotGrounds = grounds\n\t\t\ts.walk(val, list)\n\t\t\ts.dotGrounds = was\n',
      ],
      [
        '\tval, _ := indirect(s.evalPipeline(dot, r.Pipe))\n',
        '\twas := s.dotGrounds\n\tdefer func() { s.dotGrounds = was }()\n\trangeMark := Watching.Mark()\n' +
          '\tval, _ := indirect(s.evalPipeline(dot, r.Pipe))\n\tgrounds := Watching.Take(rangeMark)\n',
      ],
      [
        '\toneIteration := func(index, elem reflect.Value) {\n',
        '\toneIteration := func(index, elem reflect.Value) {\n' +
          '\t\ts.grounds = Watching.Element(grounds, val, index)\n\t\ts.dotGrounds = s.grounds\n',
      ],
      [
        '\tdot = s.evalPipeline(dot, t.Pipe)\n',
        '\tmark := Watching.Mark()\n\tdot = s.evalPipeline(dot, t.Pipe)\n\tgrounds := Watching.Take(mark)\n',
      ],
      [
        '\tnewState.vars = []variable{{"$", dot}}\n',
        '\tnewState.vars = []variable{{"$", dot, grounds}}\n\tnewState.dotGrounds = grounds\n',
      ],
      ['\tvalue = missingVal\n', '\tvalue = missingVal\n\tmark := Watching.Mark()\n'],
      [
        '\t\tvalue = s.evalCommand(dot, cmd, value)',
        '\t\ts.piped = Watching.Since(mark)\n\t\tvalue = s.evalCommand(dot, cmd, value)',
      ],
      [
        '\tfor _, variable := range pipe.Decl {\n',
        '\tif len(pipe.Decl) > 0 {\n\t\ts.grounds = Watching.Since(mark)\n\t}\n\tfor _, variable := range pipe.Decl {\n',
      ],
      [
        '\tcase *parse.DotNode:\n\t\treturn dot\n',
        '\tcase *parse.DotNode:\n\t\tWatching.Rest(s.dotGrounds)\n\t\treturn dot\n',
        2,
      ],
      [
        '\t\treturn s.validateType(dot, typ)\n',
        '\t\tWatching.Rest(s.dotGrounds)\n\t\treturn s.validateType(dot, typ)\n',
      ],
      ['\ts.at(field)\n', '\ts.at(field)\n\tWatching.Inside(s.dotGrounds, dot)\n'],
      [
        '\tif len(variable.Ident) == 1 {\n',
        '\tif len(variable.Ident) == 1 {\n\t\tWatching.Rest(s.found)\n\t} else {\n\t\tWatching.Inside(s.found, value)\n\t}\n' +
          '\tif len(variable.Ident) == 1 {\n',
      ],
      [
        '\t\t\tresult := receiver.MapIndex(nameVal)\n',
        '\t\t\tWatching.Read(receiver, nameVal)\n\t\t\tresult := receiver.MapIndex(nameVal)\n',
      ],
      [
        '\tif args != nil {\n\t\targs = args[1:]',
        '\tpiped := s.piped\n\tvar grounds []any\n\tif args != nil {\n\t\targs = args[1:]',
      ],
      [
        '\t\targv[i] = s.evalArg(dot, typ.In(i), args[i])\n',
        '\t\tmark := Watching.Mark()\n\t\targv[i] = s.evalArg(dot, typ.In(i), args[i])\n' +
          '\t\tgrounds = append(grounds, Watching.Since(mark))\n',
      ],
      [
        '\t\t\targv[i] = s.evalArg(dot, argType, args[i])\n',
        '\t\t\tmark := Watching.Mark()\n\t\t\targv[i] = s.evalArg(dot, argType, args[i])\n' +
          '\t\t\tgrounds = append(grounds, Watching.Since(mark))\n',
      ],
      [
        '\t\targv[i] = s.validateType(final, t)\n',
        '\t\targv[i] = s.validateType(final, t)\n\t\tgrounds = append(grounds, piped)\n',
      ],
      [
        '\tv, err := safeCall(fun, argv)\n',
        '\tWatching.Calls(name, grounds)\n\tv, err := safeCall(fun, argv)\n\tWatching.Called(name, argv, grounds, v)\n',
      ],
      ['var zero reflect.Value\n', `${watcher}\nvar zero reflect.Value\n`],
    ],
  },
];

export const editedModules = [...new Set(edits.map(({ module }) => module))].filter((module) => module !== 'std');

function edited(text, pairs, file) {
  for (const [from, to, times = 1] of pairs) {
    const parts = text.split(from);
    if (parts.length !== times + 1) throw new Error(`${file}: found ${parts.length - 1} times: ${from}`);
    text = parts.join(to);
  }
  return text;
}

/**
 * Copies the modules that are edited to a folder, edited, and gives go's arguments to build with these instead. `folderOf`
 * gives a module's own folder. (An overlay may not replace what lies in the module cache.)
 */
export function buildEdited(folder, goMod, folderOf) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const overlaid = {};
  for (const module of [...editedModules, 'std']) {
    const to = join(folder, module);
    if (module !== 'std') copyModule(folderOf(module), to);
    for (const { file, pairs } of edits.filter((each) => each.module === module)) {
      const from = join(folderOf(module), file);
      mkdirSync(dirname(join(to, file)), { recursive: true });
      writeFileSync(join(to, file), edited(readFileSync(from, 'utf8'), pairs, `${module}/${file}`));
      if (module === 'std') overlaid[from] = join(to, file);
    }
  }
  const overlay = join(folder, 'overlay.json');
  writeFileSync(overlay, JSON.stringify({ Replace: overlaid }));
  const modFile = join(folder, 'go.mod');
  // The paths are written into the program, so they are the same on every machine: from this folder.
  const from = relative(import.meta.dirname, folder).replaceAll('\\', '/');
  const lines = editedModules.map((module) => `replace ${module} => ${from}/${module}\n`);
  writeFileSync(modFile, `${readFileSync(goMod, 'utf8')}\n${lines.join('')}`);
  cpSync(goMod.replace(/mod$/, 'sum'), join(folder, 'go.sum'));
  return ['-overlay', overlay, '-modfile', modFile];
}

/** A module without its tests. The cache's files can't be written to, so they are written anew. */
function copyModule(from, to) {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('_test.go') || /[/\\]testdata\b/.test(entry.parentPath)) continue;
    const path = join(to, relative(from, entry.parentPath), entry.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, readFileSync(join(entry.parentPath, entry.name)));
  }
}
