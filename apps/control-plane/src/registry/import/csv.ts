/** Lines of fields (RFC 4180); a comma or a semicolon separates, as the first line shows. Never throws. */
export function parseCsv(text: string): string[][] {
  const firstLine = text.slice(0, text.search(/\r?\n|$/));
  const separator = firstLine.includes(';') && !firstLine.includes(',') ? ';' : ',';
  const lines: string[][] = [];
  let line: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = text.startsWith('\ufeff') ? 1 : 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (quoted) {
      if (character !== '"') field += character;
      else if (text.charAt(i + 1) === '"') {
        field += '"';
        i += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === separator) {
      line.push(field);
      field = '';
    } else if (character === '\n') {
      lines.push([...line, field]);
      line = [];
      field = '';
    } else if (character !== '\r') field += character;
  }
  if (field !== '' || line.length > 0) lines.push([...line, field]);
  return lines.filter((fields) => fields.some((one) => one.trim() !== ''));
}

export function csvFields(fields: readonly string[]): string {
  const written = fields.map((field) =>
    /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${written.join(',')}\r\n`;
}
