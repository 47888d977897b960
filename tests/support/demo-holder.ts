// Starts a demo, prints the ids of its processes, and waits to be killed.
import { Demo } from './demo.ts';

const demo = await Demo.start({ cameras: 1 });
console.log(JSON.stringify(demo.allPids()));
