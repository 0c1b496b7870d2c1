"""What the ears are measured on. None of it was used to fit them: the language model and the trust weights are made
from other sentences (a test keeps it so)."""

COMMANDS = """
clock me in on truck two oh two
please clock me in on truck two oh four
punch me in on truck two zero three
clock in with truck two oh one
starting my shift on truck two oh three
i want to clock out
clock me out please
end my day
what's my status
which truck am i on
what are my jobs today
what do i have tomorrow
read me my schedule for friday
what are my jobs for march tenth
how many jobs do i have today
what's next
what is my next job
where am i going next
tell me about work order ten forty two
give me the details on job one zero one six
what's the address
what's the phone number for work order ten oh nine
who's the contact
i'm on my way
i'm on my way to the next job
start travel
i am on my way to work order ten twenty three
i'm heading over
i've arrived
i'm on site
just got here
mark me as arrived
arrived at work order ten thirty one
what's on my truck
check my stock
how many dome cameras do i have
how much cat six do i have left
what's on truck two oh four
check the stock of crimpers
who has a bullet camera
does anyone have a cable tester
which truck has p o e injectors
where can i find a drill kit
i used two dome cameras
used fifty feet of cat six cable
i used ten r j forty five connectors on this job
use one power supply
we used three b n c connectors on work order ten fifteen
i installed two bullet cameras
take two bullet cameras from truck two oh three
i'm taking five b n c connectors from truck two oh one
order more dome cameras
i need more fish tape
request a restock of connectors
have we been here before
book a follow up for thursday at nine
schedule a return visit on monday
read my messages
read my last note
undo that
scratch the last note
i'm done here
close out this work order
that's all thanks
""".strip().splitlines()

DICTATED = """
add a note that the keypad by the pharmacy is cracked
put down a note that the owner wants another camera over the register
tell the office that the front gate does not close
make a note the blower motor is noisy
add a note and tell the office that the water heater is leaking
let the office know the attic is flooded
note that the recorder is full
add a note to work order ten twenty saying the cable is too short
complete the job with summary cleaned the coil and changed the filter
close the job summary replaced the power supply and tested every camera
""".strip().splitlines()

NOTES = """
the hallway camera was loose so i tightened the bracket
we found water behind the panel in the basement
the manager asked for a quote on two outdoor cameras
replaced the thermostat and set it to seventy degrees
pulled fresh wire from the shelf down to the nurses station
the breaker for the air handler keeps tripping
customer was not home and the gate was locked
cleared the drain under the kitchen sink
the reader at the loading dock does not read cards
left the old recorder with the security guard
everything is working and the site is clean
need a longer ladder to reach the camera on the warehouse
""".strip().splitlines()

UNRELATED = """
the library closes early on public holidays
my uncle bought a sailboat and named it after his dog
we watched the fireworks from the bridge last night
could you please pass the salt and pepper
don't clock me in on truck two oh two
i don't want to clock out
i'm not on site yet
i have not arrived
don't mark me as arrived
sarah clocked in on truck two oh one
he used two dome cameras
did i use three connectors
should i order more cable
she's on her way to the next job
i would have taken five connectors from truck two oh three
the office closed out that work order last week
never undo that
who scratched the last note off the board
we didn't use any bullet cameras
they are done here
i might start travel after lunch
the train was delayed by forty minutes
that song has been stuck in my head all day
the recipe calls for two cups of flour and one egg
my daughter plays the violin in the school orchestra
a large pepperoni pizza and two bottles of water
the senator declined to answer questions from reporters
it smells like somebody burned the toast
the hikers reached the summit just before sunset
is your refrigerator running
welcome to the pharmacy our hours are nine to five
for english press one for spanish press two
i have been trying to reach you about your car's warranty
the cat knocked the vase off the shelf
how many miles is it to chicago
happy birthday to you happy birthday to you
turn the volume down i can't hear anything
the judge sentenced him to three years in prison
what did you have for breakfast
there is a sale on shoes at the mall this weekend
""".strip().splitlines()
